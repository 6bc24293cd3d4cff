import { type ControlMark, readMark, writeMark } from '../../domain/database-mark.ts'
import { isOperatorError } from '../../errors/operator-error.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import type { Places } from './places.ts'
import { type DatabaseSession, openSession, withSession } from './session.ts'

const OWN = 'lastgood_control'

/** "Not this one": it is not there, takes no connections, or not ours. Anything else is a problem of the server. */
const ELSEWHERE = ['DB_NOT_THERE', 'DB_NOT_ALLOWED', 'DB_LOGIN_REFUSED', 'DB_FAILED']

/**
 * A session in another database of the same cluster, because nobody can be renamed while somebody stands in it: the admin's
 * own, `postgres`, `template1`, any that lets us in, and one of our own where there is none.
 */
export async function withControl<T>(
  places: Places,
  purpose: string,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  const session = await openControl(places, purpose)
  try {
    // A role may have limits set for its daily work; a rename that is cut off by one would be no help to anybody.
    await session.query(`SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0;
      SET lock_timeout = '3s'; SET default_transaction_read_only = off;
      SET default_transaction_isolation = 'read committed'; SET client_min_messages = warning`)
    return await work(session)
  } finally {
    await session.close()
    if (session.connection.database === OWN) await dropOwn(places).catch(() => {})
  }
}

async function openControl(places: Places, purpose: string): Promise<DatabaseSession> {
  const usual = [places.adminDatabase, 'postgres', 'template1', OWN]
  const first = await openFirst(places, usual, purpose)
  if (first.session !== null) return first.session
  // Only the live one lets us in: it knows the others.
  const others = await withSession(places.admin(places.database), purpose, async (live) => {
    const rows = await live.query<{ name: string; comment: string | null }>(`
      SELECT datname AS name, shobj_description(oid, 'pg_database') AS comment FROM pg_database
       WHERE datallowconn AND NOT datistemplate AND has_database_privilege(oid, 'CONNECT') ORDER BY oid`)
    return rows.filter(({ comment }) => readMark(comment) === null).map(({ name }) => name)
  }).catch(() => {
    throw first.problem
  })
  const second = await openFirst(places, others, purpose)
  if (second.session !== null) return second.session
  await createOwn(places)
  return openSession(places.admin(OWN), purpose)
}

async function openFirst(places: Places, names: readonly string[], purpose: string) {
  let problem: unknown
  for (const name of new Set(names)) {
    if (name === places.database) continue
    try {
      return { session: await openSession(places.admin(name), purpose), problem: null }
    } catch (error) {
      problem ??= error
      if (!isOperatorError(error) || !ELSEWHERE.includes(error.code)) throw error
    }
  }
  return { session: null, problem }
}

async function createOwn(places: Places): Promise<void> {
  const mark: ControlMark = { role: 'control', of: places.database, at: new Date().toISOString() }
  await withSession(places.admin(places.database), 'control', async (live) => {
    await live.query('SET default_transaction_read_only = off')
    await live.query(`CREATE DATABASE ${quoteIdentifier(OWN)} TEMPLATE template0`)
    await live.query(`COMMENT ON DATABASE ${quoteIdentifier(OWN)} IS ${quoteLiteral(writeMark(mark))}`)
  })
}

/** Also what a killed one left. Fails while another restore stands in it, which then drops it. */
export async function dropOwn(places: Places): Promise<void> {
  await withSession(places.admin(places.database), 'control', async (live) => {
    await live.query('SET default_transaction_read_only = off')
    await live.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(OWN)}`)
  })
}
