import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A look, not a search: enough for a service, and over at once in a folder that is none. */
const LIMITS = { files: 400, fileBytes: 256 * 1024, depth: 6 }

const SOURCE = /(?<!\.d)(?<!\.(?:test|spec))\.[cm]?[jt]sx?$/
const NOT_SOURCE =
  /^(\..*|node_modules|dist|build|out|coverage|public|static|tests?|__tests__|migrations|e2e|fixtures)$/

/** The texts of the project's own source files, in the order of their names; links are not followed. */
export async function readSources(directory: string): Promise<string[]> {
  const texts: string[] = []
  await collect(directory, 0, texts)
  return texts
}

async function collect(folder: string, depth: number, texts: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (texts.length >= LIMITS.files) return
    const path = join(folder, entry.name)
    if (entry.isDirectory() && depth < LIMITS.depth && !NOT_SOURCE.test(entry.name)) {
      await collect(path, depth + 1, texts)
    } else if (entry.isFile() && SOURCE.test(entry.name)) {
      const size = (await stat(path).catch(() => null))?.size ?? 0
      if (size <= LIMITS.fileBytes) texts.push(await readFile(path, 'utf8').catch(() => ''))
    }
  }
}
