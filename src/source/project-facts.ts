import { readdir, readFile } from 'node:fs/promises'
import { join, parse } from 'node:path'
import { isRecord } from './ecosystem-app.ts'

/** Version in package.json; null when it has none. */
export async function readVersion(directory: string): Promise<string | null> {
  try {
    const content: unknown = JSON.parse(await readFile(join(directory, 'package.json'), 'utf8'))
    return isRecord(content) && typeof content.version === 'string' ? content.version : null
  } catch {
    return null
  }
}

/** Names of the migration files without ending, oldest first; null when there is no such folder. */
export async function listMigrations(directory: string, folder: string | null): Promise<string[] | null> {
  if (folder === null) return null
  try {
    const entries = await readdir(join(directory, folder), { withFileTypes: true })
    const files = entries.filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    return files.map((file) => parse(file.name).name).sort()
  } catch {
    return null
  }
}
