import { constants } from 'node:fs'
import { access, readdir, readFile, realpath } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import { OperatorError } from '../../errors/operator-error.ts'

export type ClientProgram = 'pg_dump' | 'pg_restore' | 'psql'

/** Where the distributions put every version beside the others: parent, one folder, the rest. */
const VERSIONED: readonly (readonly [string, RegExp, string])[] = [
  ['/usr/lib/postgresql', /^\d+$/, 'bin'], // Debian, Ubuntu
  ['/usr', /^pgsql-\d+$/, 'bin'], // Red Hat, the PostgreSQL project's packages
  ['/usr/libexec', /^postgresql\d+$/, ''], // Alpine
  ['/opt/homebrew/opt', /^(postgresql@\d+|libpq)$/, 'bin'],
  ['/usr/local/opt', /^(postgresql@\d+|libpq)$/, 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', /^(\d+|latest)$/, 'bin'],
]

interface Found {
  path: string
  /** Null: a script, that finds the real one itself. */
  major: number | null
}

/**
 * The first on PATH, else in the usual places, that is new enough for a server of `atLeastMajor`: an older pg_dump refuses a
 * newer server. A wrapper script on PATH is taken when nothing better is there: it knows where the real one is.
 * @throws OperatorError DB_CLIENT_MISSING, DB_CLIENT_TOO_OLD
 */
export async function findClientProgram(
  name: ClientProgram,
  atLeastMajor: number,
  env: Record<string, string | undefined>,
): Promise<string> {
  const onPath = (env.PATH ?? '').split(delimiter).filter((folder) => folder.startsWith('/'))
  const found: Found[] = []
  for (const folder of new Set([...onPath, ...(await versionedFolders())])) {
    const program = await examine(name, folder)
    if (program === null) continue
    if (program.major !== null && program.major >= atLeastMajor) return program.path
    found.push(program)
  }
  const wrapper = found.find(({ major }) => major === null)
  if (wrapper !== undefined) return wrapper.path
  if (found.length === 0) throw new OperatorError('DB_CLIENT_MISSING', { program: name, major: atLeastMajor })
  const newest = Math.max(...found.map(({ major }) => major ?? 0))
  throw new OperatorError('DB_CLIENT_TOO_OLD', { program: name, found: newest, major: atLeastMajor })
}

/** Newest first. */
async function versionedFolders(): Promise<string[]> {
  const folders = await Promise.all(
    VERSIONED.map(async ([parent, pattern, inside]) => {
      const names = await readdir(parent).catch(() => [])
      return names.filter((name) => pattern.test(name)).map((name) => join(parent, name, inside))
    }),
  )
  return folders.flat().sort((a, b) => numberIn(b) - numberIn(a))
}

function numberIn(folder: string): number {
  return Number(/\d+/.exec(folder)?.[0] ?? 0)
}

async function examine(name: ClientProgram, folder: string): Promise<Found | null> {
  const path = join(folder, name)
  try {
    await access(path, constants.X_OK)
    const real = await realpath(path)
    // Debian's chooses by what is configured, among the very ones that we look at ourselves.
    if (basename(real) === 'pg_wrapper') return null
    return { path, major: await majorOf(name, real) }
  } catch {
    return null
  }
}

/** Its own `--version` answer, read out of the program: asking it would start a process a folder. */
async function majorOf(name: ClientProgram, path: string): Promise<number | null> {
  const answer = `${name} (PostgreSQL) `
  const bytes = await readFile(path)
  const at = bytes.indexOf(answer)
  if (at >= 0) {
    const version = bytes.toString('latin1', at + answer.length, at + answer.length + 8)
    return numberIn(version)
  }
  return null
}
