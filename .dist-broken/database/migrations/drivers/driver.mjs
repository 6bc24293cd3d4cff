// What every driver shares. A driver runs as a process of its own, in the folder of a release, and uses the packages of
// that release: its order comes in LASTGOOD_MIGRATE, the database in DATABASE_URL, nothing secret in argv.
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const require = createRequire(join(process.cwd(), 'package.json'))

export const order = JSON.parse(process.env.LASTGOOD_MIGRATE ?? '{}')
export const databaseUrl = process.env.DATABASE_URL

/** A package of the release, or one that only another package of it has. Of a CommonJS one, `default` is what it exports. */
export async function fromRelease(name, through) {
  const from = through === undefined ? require : createRequire(require.resolve(through))
  return import(pathToFileURL(from.resolve(name)).href)
}

/** Its exports by name, whichever kind of module it is. */
export async function namesFromRelease(name, through) {
  const module = await fromRelease(name, through)
  return { ...module.default, ...module }
}

/** A file of the release; TypeScript where the release can load it. */
export async function loadFile(path) {
  try {
    return await import(pathToFileURL(path).href)
  } catch (error) {
    if (error?.code !== 'ERR_UNKNOWN_FILE_EXTENSION') throw error
    // node-pg-migrate brings jiti along and reads TypeScript with it.
    const { createJiti } = await namesFromRelease('jiti')
    return createJiti(pathToFileURL(`${process.cwd()}/`).href).import(path)
  }
}

/** `schema.table` in its two parts. */
export function tableParts(table) {
  const parts = table.split('.')
  return parts.length === 2 ? { schema: parts[0], table: parts[1] } : { schema: undefined, table }
}

/** Runs it, says what it returned on the last line, and ends: code of the release may have left something open. */
export async function drive(work) {
  try {
    const result = await work(order)
    writeSync(1, `\n@lastgood ${JSON.stringify(result ?? null)}\n`)
    process.exit(0)
  } catch (error) {
    writeSync(2, `\n@lastgood-error ${JSON.stringify(wordsOf(error))}\n`)
    process.exit(1)
  }
}

/** The message, and that of what it was caused by: the tools wrap what the server said. */
function wordsOf(error) {
  const words = []
  for (let at = error; at instanceof Error && words.length < 4; at = at.cause ?? at.original ?? at.parent) {
    if (!words.some((said) => said.includes(at.message))) words.push(at.message)
    if (typeof at.detail === 'string') words.push(at.detail)
  }
  return words.length > 0 ? words.join(': ') : String(error)
}
