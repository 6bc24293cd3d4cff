import { OperatorError } from '../../errors/operator-error.ts'
import type { Sql } from '../postgres/session.ts'

/**
 * What would let an exchange fail or do harm is looked for before anybody is refused.
 * @throws OperatorError SWAP_BLOCKED, with every reason in its details
 */
export async function refuseBlocked(
  control: Sql,
  databases: readonly string[],
  database: string,
): Promise<void> {
  let reasons = await findBlockers(control, databases)
  if (reasons.length === 0) return
  // A session that was just closed is still seen for some milliseconds.
  await control.query('SELECT pg_sleep(0.3)')
  reasons = await findBlockers(control, databases)
  if (reasons.length === 0) return
  throw new OperatorError('SWAP_BLOCKED', { database, detail: reasons.join('; ') }, { details: reasons })
}

/** Each with the command that takes it out of the way. */
export async function findBlockers(control: Sql, databases: readonly string[]): Promise<string[]> {
  const values = [databases]
  const prepared = await control.query<{ gid: string; database: string }>(
    'SELECT gid, database FROM pg_prepared_xacts WHERE database = ANY($1)',
    values,
  )
  const slots = await control.query<{ name: string; database: string }>(
    'SELECT slot_name AS name, database FROM pg_replication_slots WHERE database = ANY($1)',
    values,
  )
  const subscriptions = await control.query<{ name: string; database: string }>(
    `SELECT s.subname AS name, d.datname AS database FROM pg_subscription s JOIN pg_database d ON d.oid = s.subdbid
      WHERE d.datname = ANY($1) AND s.subenabled`,
    values,
  )
  // Checked now, because nobody who may not end them can wait for them to end.
  const untouchable = await control.query<{ pid: number; usename: string; database: string }>(
    `SELECT a.pid, a.usename, a.datname AS database FROM pg_stat_activity a
       JOIN pg_roles theirs ON theirs.oid = a.usesysid JOIN pg_roles mine ON mine.rolname = current_user
      WHERE a.datname = ANY($1) AND NOT mine.rolsuper
        AND (theirs.rolsuper OR NOT (pg_has_role(mine.oid, theirs.oid, 'USAGE') OR pg_has_role(mine.oid, 'pg_signal_backend', 'USAGE')))`,
    values,
  )
  return [
    ...prepared.map(
      ({ gid, database }) =>
        `the prepared transaction ${gid} in ${database} (in that database: ROLLBACK PREPARED '${gid}' or COMMIT PREPARED '${gid}')`,
    ),
    ...slots.map(
      ({ name, database }) =>
        `the replication slot ${name} of ${database}, which would follow the damaged database (SELECT pg_drop_replication_slot('${name}'))`,
    ),
    ...subscriptions.map(
      ({ name, database }) =>
        `the subscription ${name} in ${database} (in that database: ALTER SUBSCRIPTION ${name} DISABLE)`,
    ),
    ...untouchable.map(
      ({ pid, usename, database }) =>
        `the connection of ${usename} (${pid}) to ${database}, which this role may not end (GRANT pg_signal_backend, or as a superuser: SELECT pg_terminate_backend(${pid}))`,
    ),
  ]
}
