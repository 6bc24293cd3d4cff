import { isOperatorError } from '../../errors/operator-error.ts'
import { type Connection, onDatabase } from './connection.ts'
import { type DatabaseSession, openSession, withSession } from './session.ts'

/** Limits that a role or a database may have for its daily work; which there are depends on the server's version. */
const NO_LIMITS = `SET statement_timeout = 0; SET default_transaction_read_only = off;
  SELECT set_config(name, '0', false) FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout',
    'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout')`

/** A session for work that takes its time, and that nothing but its end may end. */
export async function withPatience<T>(
  connection: Connection,
  purpose: string,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  return withSession(connection, purpose, async (session) => {
    await session.query(NO_LIMITS)
    return work(session)
  })
}

/**
 * The same, to make and drop other databases: in the one that is named, which may be the cluster's only one, else (it may be
 * what was lost) in those that every cluster begins with.
 */
export async function withMaintenance<T>(
  connection: Connection,
  purpose: string,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  const session = await openSomewhere(connection, purpose)
  try {
    await session.query(NO_LIMITS)
    return await work(session)
  } finally {
    await session.close()
  }
}

async function openSomewhere(connection: Connection, purpose: string): Promise<DatabaseSession> {
  try {
    return await openSession(connection, purpose)
  } catch (error) {
    if (!isOperatorError(error) || error.code !== 'DB_NOT_THERE') throw error
    for (const database of ['postgres', 'template1']) {
      const session = await openSession(onDatabase(connection, database), purpose).catch(() => null)
      if (session !== null) return session
    }
    throw error
  }
}
