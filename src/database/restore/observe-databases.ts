import { readMark } from '../../domain/database-mark.ts'
import type { DatabasesView, FoundDatabase } from '../../domain/restore.ts'
import type { Sql } from '../postgres/session.ts'

/** All there is to know, in one query of one snapshot: names, oids and comments of the cluster's databases. */
export async function observeDatabases(sql: Sql, database: string): Promise<DatabasesView> {
  const rows = await sql.query<Omit<FoundDatabase, 'mark'> & { comment: string | null; running: boolean }>(
    `SELECT datname AS name, oid::bigint::float8 AS oid, datallowconn AS "allowsConnections",
            shobj_description(oid, 'pg_database') AS comment, NULL AS bytes,
            EXISTS (SELECT FROM pg_stat_activity a WHERE a.application_name = 'lastgood swap'
                       AND a.state = 'active' AND a.pid <> pg_backend_pid()) AS running
       FROM pg_database ORDER BY oid`,
  )
  const view: DatabasesView = {
    database,
    live: null,
    next: [],
    damaged: [],
    swapRunning: rows[0]?.running ?? false,
  }
  for (const { comment, running: _, ...found } of rows) {
    const mark = readMark(comment)
    if (found.name === database) view.live = { ...found, mark: mark?.role === 'frozen' ? mark : null }
    else if (mark?.of === database && mark.role === 'next') view.next.push({ ...found, mark })
    else if (mark?.of === database && mark.role === 'damaged') view.damaged.push({ ...found, mark })
  }
  view.next.sort((a, b) => a.mark.at.localeCompare(b.mark.at))
  view.damaged.sort((a, b) => a.mark.at.localeCompare(b.mark.at))
  return view
}

/** For people: what each takes. Walks the files, so it is asked for what is shown alone. */
export async function measureDatabases(sql: Sql, names: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql.query<{ name: string; bytes: string }>(
    `SELECT datname AS name, pg_database_size(oid) AS bytes FROM pg_database
      WHERE datname = ANY($1) AND has_database_privilege(oid, 'CONNECT')`,
    [names],
  )
  return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]))
}
