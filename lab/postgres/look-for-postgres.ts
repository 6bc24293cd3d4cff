import { constants } from 'node:fs'
import { access, readdir, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { run } from '../run.ts'
import { type Candidate, POSTGRES_TOOLS, type PostgresTool, parseMajor } from './choose-postgres.ts'

/** Where the distributions put it: `*` is one folder. */
const VERSIONED_FOLDERS = [
  ['/usr/lib/postgresql', /^\d+$/, 'bin'], // Debian, Ubuntu
  ['/usr', /^pgsql-\d+$/, 'bin'], // Red Hat, the PostgreSQL project's packages
  ['/usr/libexec', /^postgresql\d+$/, ''], // Alpine
  ['/opt/homebrew/opt', /^postgresql@\d+$/, 'bin'], // Homebrew
  ['/usr/local/opt', /^postgresql@\d+$/, 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', /^(\d+|latest)$/, 'bin'],
] as const

/** Every folder that holds `postgres` or `initdb`: those of PATH first. */
export async function lookForPostgres(path = process.env.PATH ?? ''): Promise<Candidate[]> {
  const onPath = await foldersOnPath(path)
  const versioned = (await versionedFolders()).filter((bin) => !onPath.includes(bin))
  return Promise.all([
    ...onPath.map((bin) => examine(bin, true)), //
    ...versioned.map((bin) => examine(bin, false)),
  ])
}

/**
 * Both the folder of PATH itself (wrappers) and the folder its links point to: often only some tools are linked, as in
 * `/usr/local/bin/initdb -> /usr/lib/postgresql/15/bin/initdb`.
 */
async function foldersOnPath(path: string): Promise<string[]> {
  const found = new Set<string>()
  for (const folder of path.split(delimiter).filter(Boolean)) {
    for (const tool of ['postgres', 'initdb'] as const) {
      if (!(await has(folder, tool))) continue
      if ((await missingIn(folder)).length === 0) found.add(folder)
      found.add(dirname(await realpath(join(folder, tool))))
    }
  }
  return [...found]
}

async function versionedFolders(): Promise<string[]> {
  const found: string[] = []
  for (const [parent, pattern, inside] of VERSIONED_FOLDERS) {
    const names = await readdir(parent).catch(() => [])
    for (const name of names.filter((each) => pattern.test(each))) {
      const bin = join(parent, name, inside)
      if ((await has(bin, 'postgres')) || (await has(bin, 'initdb'))) found.push(bin)
    }
  }
  return found
}

async function examine(bin: string, onPath: boolean): Promise<Candidate> {
  const version = await run(join(bin, 'postgres'), ['--version'], { timeoutMs: 10_000 }).catch(
    () => undefined,
  )
  return { bin, onPath, major: version && parseMajor(version.stdout), missing: await missingIn(bin) }
}

async function missingIn(bin: string): Promise<PostgresTool[]> {
  const there = await Promise.all(POSTGRES_TOOLS.map((tool) => has(bin, tool)))
  return POSTGRES_TOOLS.filter((_, index) => !there[index])
}

function has(folder: string, tool: PostgresTool): Promise<boolean> {
  return access(join(folder, tool), constants.X_OK).then(
    () => true,
    () => false,
  )
}
