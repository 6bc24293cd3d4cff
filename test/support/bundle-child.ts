import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

// Below the packages, which are not in the bundle and are looked for from where it lies.
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/children', import.meta.url))
const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/**
 * A program of TypeScript as one file that plain Node runs: a process that is only there to be killed begins in a quarter
 * of the time. @param code of a module; what it imports is named as seen from the repository @returns the file
 */
export async function bundleChild(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, loader: 'ts' },
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
  })
  const text = outputFiles[0]?.text ?? ''
  const path = join(CACHE, `${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`)
  if (existsSync(path)) return path
  await mkdir(CACHE, { recursive: true })
  // Whole or not at all: another worker may want the same.
  await writeFile(`${path}.${process.pid}`, text)
  await rename(`${path}.${process.pid}`, path)
  return path
}
