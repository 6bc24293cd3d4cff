import { OperatorError } from '../../errors/operator-error.ts'
import type { DatabaseSession } from '../postgres/session.ts'

interface Other {
  who: string
  /** This role may end it. */
  mine: boolean
}

/**
 * Whoever keeps a database from being copied, before anybody is sent away.
 * @param sendAway sessions will be ended, so only what stays is in the way
 * @throws OperatorError CHECKPOINT_IN_USE
 */
export async function refuseOthers(session: DatabaseSession, sendAway: boolean): Promise<void> {
  const others = await findOthers(session)
  const inTheWay = sendAway ? others.filter(({ mine }) => !mine) : others
  if (inTheWay.length === 0) return
  const { database } = session.connection
  const details = inTheWay.map(({ who }) => who)
  const detail = details.slice(0, 5).join('; ') + (details.length > 5 ? `; ${details.length - 5} more` : '')
  throw new OperatorError('CHECKPOINT_IN_USE', { database, detail }, { details })
}

export async function describeOthers(session: DatabaseSession): Promise<string[]> {
  return (await findOthers(session)).map(({ who }) => who)
}

/** Autovacuum is not among them: the server itself ends it. */
async function findOthers(session: DatabaseSession): Promise<Other[]> {
  const sessions = await session.query<Other>(`
    SELECT format('%s (%s, %s)', a.pid, a.usename, COALESCE(NULLIF(a.application_name, ''), 'no name'))
             || CASE WHEN allowed.mine THEN '' ELSE ', which this role may not end' END AS who, allowed.mine
      FROM pg_stat_activity a JOIN pg_roles theirs ON theirs.oid = a.usesysid
      JOIN pg_roles me ON me.rolname = current_user,
      LATERAL (SELECT me.rolsuper OR (NOT theirs.rolsuper AND (pg_has_role(me.oid, theirs.oid, 'USAGE')
                      OR pg_has_role(me.oid, 'pg_signal_backend', 'USAGE'))) AS mine) AS allowed
     WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() ORDER BY a.pid`)
  const prepared = await session.query<Other>(`
    SELECT format('the prepared transaction %s (ROLLBACK PREPARED or COMMIT PREPARED it)', gid) AS who, false AS mine
      FROM pg_prepared_xacts WHERE database = current_database() ORDER BY gid`)
  return [...sessions, ...prepared]
}
