import { majorVersion } from '../../domain/checkpoint.ts'
import type { Sql } from './session.ts'

/** What the server is, and what we may do on it. */
export interface ServerFacts {
  /** server_version_num: 150018 */
  version: number
  major: number
  user: string
  superuser: boolean
  createDatabase: boolean
  /** A standby: nothing can be written. */
  inRecovery: boolean
  /** That accept connections, templates left out. */
  databases: string[]
}

export async function readServerFacts(sql: Sql): Promise<ServerFacts> {
  const [facts] = await sql.query<Omit<ServerFacts, 'major'>>(`
    SELECT current_setting('server_version_num')::int AS version, current_user::text AS "user",
           role.rolsuper AS superuser, role.rolsuper OR role.rolcreatedb AS "createDatabase",
           pg_is_in_recovery() AS "inRecovery",
           ARRAY(SELECT datname::text FROM pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1) AS databases
      FROM pg_roles role WHERE role.rolname = current_user`)
  if (facts === undefined) throw new Error('the role that is connected is not among the roles')
  return { ...facts, major: majorVersion(facts.version) }
}

export async function databaseExists(sql: Sql, name: string): Promise<boolean> {
  const rows = await sql.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
  return rows.length > 0
}

export async function databaseBytes(sql: Sql, name: string): Promise<number> {
  const [row] = await sql.query<{ bytes: string }>('SELECT pg_database_size($1::name) AS bytes', [name])
  return Number(row?.bytes ?? 0)
}
