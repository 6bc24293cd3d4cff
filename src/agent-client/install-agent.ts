import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * A copy of the agent inside the home, one folder for each content: a process that PM2 restarts months from now loads the
 * same file, whatever has happened to this package by then.
 * @returns the entry file to preload
 */
export async function ensureAgent(source: string, home: string): Promise<string> {
  const names = (await readdir(source)).filter((name) => name.endsWith('.cjs')).sort()
  const files = await Promise.all(
    names.map(async (name) => ({ name, content: await readFile(join(source, name)) })),
  )
  const hash = createHash('sha256')
  for (const { name, content } of files) hash.update(name).update(content)
  const folder = join(home, 'agent', hash.digest('hex').slice(0, 16))
  const register = join(folder, 'register.cjs')
  if (await isThere(register)) return register

  const fresh = `${folder}.${process.pid}`
  await mkdir(fresh, { recursive: true, mode: 0o755 })
  for (const { name, content } of files) await writeFile(join(fresh, name), content, { mode: 0o644 })
  // The folder appears whole or not at all; when another run was first, its copy is the same.
  await rename(fresh, folder).catch(() => rm(fresh, { recursive: true, force: true }))
  await chmod(folder, 0o755)
  return register
}

async function isThere(path: string): Promise<boolean> {
  return (await readFile(path).catch(() => null)) !== null
}
