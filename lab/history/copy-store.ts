import { cp, mkdir } from 'node:fs/promises'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'

export const STORE_DIR = fileURLToPath(new URL('../../examples/my-store-api', import.meta.url))

/** What .gitignore of the store leaves out: installed, built or private. */
const LEFT_OUT = new Set(['node_modules', 'dist', '.env', '.git'])

export async function copyStore(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const filter = (source: string) => !LEFT_OUT.has(basename(source)) && !source.endsWith('.log')
  await cp(STORE_DIR, dir, { recursive: true, filter })
}
