import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

const MOST_BYTES = 64 * 1024

/** The team's own templates, by name. A folder that is not there has none; a file that cannot be read is left out. */
export async function readTemplates(folder: string | null): Promise<ReadonlyMap<string, string>> {
  const templates = new Map<string, string>()
  if (folder === null) return templates
  const files = await readdir(folder).catch((): string[] => [])
  for (const file of files.filter((name) => name.endsWith('.md')).sort()) {
    const text = await readFile(join(folder, file), 'utf8').catch(() => null)
    if (text !== null && text.length <= MOST_BYTES) templates.set(file.slice(0, -'.md'.length), text)
  }
  return templates
}
