import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Variables of `.env`, without what the quotes and comments are for. Missing or unreadable: none. */
export async function readDotEnv(directory: string): Promise<Record<string, string>> {
  const text = await readFile(join(directory, '.env'), 'utf8').catch(() => '')
  const lines = text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/gm)
  return Object.fromEntries(
    [...lines].map(([, name = '', value = '']) => [name, value.trim().replace(/^(["'])(.*)\1.*$/, '$2')]),
  )
}
