import { OperatorError } from '../../errors/operator-error.ts'
import type { Connection } from '../postgres/connection.ts'
import { type DatabaseSession, withSession } from '../postgres/session.ts'
import { CHILD_NAME } from './child-environment.ts'

/** 'last', 'migr': two numbers that every lastgood takes for the same lock, in each database for itself. */
const LOCK = [0x6c617374, 0x6d696772]

/**
 * Two never move one database at once. The lock is the session's, so it ends with us however we end; a tool that we
 * started before we were killed may still be at work then, so that is waited for as well.
 * @throws OperatorError MIGRATIONS_BUSY
 */
export async function underLock<T>(
  connection: Connection,
  waitMs: number,
  lockTimeoutMs: number,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  return withSession(
    connection,
    'migrations',
    async (session) => {
      await takeLock(session)
      await waitForLostTools(session, waitMs)
      return work(session)
    },
    { lockTimeoutMs },
  )
}

/** The session of one that was killed a moment ago holds it until the server has noticed: for that it is tried again. */
const NOTICED_MS = 2_000

async function takeLock(session: DatabaseSession): Promise<void> {
  const deadline = performance.now() + NOTICED_MS
  for (;;) {
    const [taken] = await session.query<{ ok: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ok', LOCK)
    if (taken?.ok) return
    if (performance.now() > deadline) throw busy('another lastgood', await lockHolder(session))
    await session.query('SELECT pg_sleep(0.05)')
  }
}

async function lockHolder(session: DatabaseSession): Promise<number | null> {
  const [row] = await session.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND granted
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    LOCK,
  )
  return row?.pid ?? null
}

async function waitForLostTools(session: DatabaseSession, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const [row] = await session.query<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity
       WHERE datname = current_database() AND application_name = $1 AND pid <> pg_backend_pid()`,
      [CHILD_NAME],
    )
    if (row === undefined) return
    if (performance.now() > deadline) throw busy('a migration tool of an earlier run', row.pid)
    await session.query('SELECT pg_sleep(0.05)')
  }
}

function busy(who: string, pid: number | null): OperatorError {
  return new OperatorError('MIGRATIONS_BUSY', { who, pid: pid ?? 'unknown' })
}
