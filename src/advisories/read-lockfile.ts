import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../errors/operator-error.ts'
import { asMap, textIn } from './json.ts'

export interface InstalledPackage {
  name: string
  version: string
  /** `node_modules/a/node_modules/b` */
  place: string
}

export type LockfileRead = { ok: true; packages: InstalledPackage[] } | { ok: false; problem: string }

/** npm itself prefers the first. */
const NAMES = ['npm-shrinkwrap.json', 'package-lock.json']

export async function readLockfile(folder: string): Promise<LockfileRead> {
  for (const name of NAMES) {
    try {
      return parseLockfile(await readFile(join(folder, name), 'utf8'), name)
    } catch (error) {
      if (systemCode(error) !== 'ENOENT')
        return { ok: false, problem: `${name} cannot be read (${systemCode(error) ?? 'damaged'})` }
    }
  }
  return { ok: false, problem: 'the release has no package-lock.json: nobody knows what it brings' }
}

/** Version 2 or 3. What is for development only is not in what runs. */
export function parseLockfile(text: string, name: string): LockfileRead {
  const packages = asMap(asMap(parse(text))?.packages)
  if (packages === null)
    return { ok: false, problem: `${name} lists no packages: npm 7 or newer writes one that does` }
  return {
    ok: true,
    packages: Object.entries(packages).flatMap(([place, entry]) => {
      const about = asMap(entry)
      const version = textIn(about, 'version')
      if (place === '' || about === null || version === null || about.dev === true || about.link === true)
        return []
      // An alias has its real name beside it; a workspace has no node_modules in its place.
      const placed = place.includes('node_modules/') ? place.split('node_modules/').at(-1) : undefined
      const called = textIn(about, 'name') ?? placed
      return called === undefined ? [] : [{ name: called, version, place }]
    }),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
