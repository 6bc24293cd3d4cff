import type { Clock } from '../../ports/clock.ts'
import type { Sql } from '../postgres/session.ts'

interface Found {
  pid: number
  who: string
  mine: boolean
}

const EVERY_MS = 20
/** A session that read its settings a moment before they changed shows itself within this. */
const LATE_MS = 120

/**
 * Ends every session that began before this call, and returns when none is left. lastgood's own are spared.
 * @returns `left`: who did not go in time; `untouchable`: whom this role may not end
 */
export async function endSessions(
  control: Sql,
  database: string,
  patienceMs: number,
  clock: Clock,
): Promise<{ ended: number; left: string[]; untouchable: string[] }> {
  const [start] = await control.query<{ at: string }>('SELECT clock_timestamp()::text AS at')
  const find = () =>
    control.query<Found>(
      `SELECT a.pid, format('%s (%s, %s)', a.pid, a.usename, COALESCE(NULLIF(a.application_name, ''), 'no name')) AS who,
              me.rolsuper OR (NOT theirs.rolsuper AND (pg_has_role(me.oid, theirs.oid, 'USAGE')
                              OR pg_has_role(me.oid, 'pg_signal_backend', 'USAGE'))) AS mine
         FROM pg_stat_activity a JOIN pg_roles theirs ON theirs.oid = a.usesysid JOIN pg_roles me ON me.rolname = current_user
        WHERE a.datname = $1 AND a.pid <> pg_backend_pid() AND COALESCE(a.application_name, '') NOT LIKE 'lastgood %'
          AND COALESCE(a.backend_start, '-infinity') < $2::timestamptz`,
      [database, start?.at],
    )
  const seen = new Set<number>()
  const begun = clock.now()
  let lastSeen = begun
  for (;;) {
    const found = await find()
    const now = clock.now()
    const endable = found.filter(({ mine }) => mine)
    for (const { pid } of endable) {
      if (!seen.has(pid)) await control.query('SELECT pg_terminate_backend($1)', [pid])
      seen.add(pid)
      lastSeen = now
    }
    const untouchable = found
      .filter(({ mine }) => !mine)
      .map(({ who }) => `the connection ${who}, which this role may not end`)
    if (endable.length === 0 && now - lastSeen >= LATE_MS) return { ended: seen.size, left: [], untouchable }
    if (now - begun > patienceMs)
      return { ended: seen.size, left: endable.map(({ who }) => who), untouchable }
    await clock.sleep(EVERY_MS)
  }
}
