import { quoteIdentifier } from './identifier.ts'
import type { DatabaseSession, Sql } from './session.ts'
import { sqlState } from './translate-error.ts'

export interface CopyRequest {
  name: string
  template: string
  owner: string
}

export interface CopyOptions {
  major: number
  /** Not in the template, where it would wait: the session that copies listens to nobody, so this one tells it to stop. */
  other: Sql
  signal: AbortSignal
}

/** `clone`: the file system shares the blocks until one side changes them (PostgreSQL 18, on XFS, btrfs, ZFS). */
export type CopyMethod = 'clone' | 'copy'

/** What ends a clone on a file system, or with a server, that knows none: seen at its first file, so nothing is lost by trying. */
const NO_CLONE = /^(22023|0A000|XX000|58...)$/

/**
 * A database as a copy of another one, file by file, closed to everybody until somebody opens it: so that one without a
 * comment is one that a killed process has left.
 *
 * While it is copied the server itself lets nobody into the template: new connections wait, and go on when this ends, however
 * it ends. Sessions that are there already have 5 seconds to leave; then it fails with 55006.
 */
export async function copyDatabase(
  session: DatabaseSession,
  request: CopyRequest,
  how: CopyOptions,
): Promise<void> {
  const { major } = how
  const [method, ...others] = methodsOf(major)
  try {
    await copyBy(session, copyStatements(request, major, method), how)
  } catch (error) {
    const state = sqlState(error)
    const [other] = others
    if (other === undefined || state === null || !NO_CLONE.test(state)) throw error
    await copyBy(session, copyStatements(request, major, other), how)
  }
}

export function methodsOf(major: number): [CopyMethod, ...CopyMethod[]] {
  return major >= 18 ? ['clone', 'copy'] : ['copy']
}

/** By files and not through the WAL, which would get all of the database, and every standby with it. Before 15 there is no choice. */
export function copyStatements(
  { name, template, owner }: CopyRequest,
  major: number,
  method: CopyMethod,
): string[] {
  const strategy = major >= 15 ? ' STRATEGY file_copy' : ''
  const create = `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE ${quoteIdentifier(template)} OWNER ${quoteIdentifier(owner)}${strategy} ALLOW_CONNECTIONS false`
  return major >= 18 ? [`SET file_copy_method = ${method}`, create] : [create]
}

export async function openToAll(session: DatabaseSession, name: string, open: boolean): Promise<void> {
  await session.query(`ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS ${open}`)
}

async function copyBy(
  session: DatabaseSession,
  statements: readonly string[],
  { other, signal }: CopyOptions,
): Promise<void> {
  signal.throwIfAborted()
  // Where it cannot be told, it ends by itself; what counts is seen at its end.
  const cancel = () => other.query('SELECT pg_cancel_backend($1)', [session.pid]).catch(() => {})
  signal.addEventListener('abort', cancel, { once: true })
  try {
    for (const statement of statements) await session.query(statement)
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}
