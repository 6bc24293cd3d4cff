import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, systemCode } from '../errors/operator-error.ts'
import { asList, asMap, type JsonMap, mapsIn, textIn } from './json.ts'

const MOST_BYTES = 64 * 1024 * 1024

/** Entries a file at a time: a whole database of them is a folder of some hundred thousand. */
export async function* readOsv(
  path: string,
): AsyncGenerator<{ file: string; entries: JsonMap[] } | { problem: string }> {
  let files: string[]
  try {
    files = (await stat(path)).isDirectory()
      ? (await readdir(path))
          .filter((name) => name.endsWith('.json'))
          .sort()
          .map((name) => join(path, name))
      : [path]
  } catch (error) {
    yield { problem: `${path} cannot be read (${systemCode(error) ?? messageOf(error)})` }
    return
  }
  if (files.length === 0) yield { problem: `there is no .json file in ${path}` }
  for (const file of files) {
    try {
      if ((await stat(file)).size > MOST_BYTES) yield { problem: `${file} is larger than 64 MB` }
      else {
        const entries = entriesIn(JSON.parse(await readFile(file, 'utf8')))
        if (entries === null) yield { problem: `${file} holds no advisories in OSV format` }
        else yield { file, entries }
      }
    } catch (error) {
      const why = error instanceof SyntaxError ? 'is no JSON' : `cannot be read (${systemCode(error)})`
      yield { problem: `${file} ${why}` }
    }
  }
}

/** One entry, a list of them, or a list under `vulns` as the API answers it. */
function entriesIn(json: unknown): JsonMap[] | null {
  const map = asMap(json)
  const list = Array.isArray(json) ? json : map !== null && 'vulns' in map ? asList(map.vulns) : [json]
  const entries = mapsIn(list)
  const sound = entries.length === list.length && entries.every((entry) => textIn(entry, 'id') !== null)
  return sound ? entries : null
}
