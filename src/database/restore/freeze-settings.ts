import type { Frozen } from '../../domain/database-mark.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'

export const READ_ONLY = 'default_transaction_read_only'

type Before = Frozen['before'][number]

/**
 * Whose setting decides whether a session of this database is read-only: the database's own, and those of roles that have
 * one of their own, because a role's wins over a database's. The service's role is always among them.
 */
export async function readSettings(control: Sql, oid: number, serviceRole: string): Promise<Before[]> {
  const rows = await control.query<{ role: string | null; value: string | null }>(
    `WITH setting AS (
       SELECT s.setdatabase, s.setrole, split_part(entry, '=', 2) AS value
         FROM pg_db_role_setting s, unnest(s.setconfig) AS entry
        WHERE entry LIKE '${READ_ONLY}=%' AND s.setdatabase IN (0, $1)),
     role AS (SELECT r.oid, r.rolname::text FROM pg_roles r
               WHERE r.rolname = $2 OR r.oid IN (SELECT setrole FROM setting WHERE setrole <> 0))
     SELECT NULL AS role, (SELECT value FROM setting WHERE setdatabase = $1 AND setrole = 0) AS value
     UNION ALL
     SELECT rolname, (SELECT value FROM setting WHERE setdatabase = $1 AND setrole = role.oid) FROM role`,
    [oid, serviceRole],
  )
  return rows.map(({ role, value }) => ({ role, value }))
}

/** @returns the roles whose setting this role may not change */
export async function setReadOnly(control: Sql, name: string, before: readonly Before[]): Promise<string[]> {
  const refused: string[] = []
  for (const { role } of before) {
    if (!(await tryAlter(control, name, role, `SET ${READ_ONLY} = on`))) refused.push(role ?? name)
  }
  return refused
}

/** As it was before. */
export async function thaw(control: Sql, name: string, { before }: Frozen): Promise<void> {
  for (const { role, value } of before) {
    const back = value === null ? `RESET ${READ_ONLY}` : `SET ${READ_ONLY} = ${quoteLiteral(value)}`
    await tryAlter(control, name, role, back)
  }
}

/** A right that is missing must not undo the rest of the transaction, where there is one. */
async function tryAlter(control: Sql, name: string, role: string | null, change: string): Promise<boolean> {
  const database = quoteIdentifier(name)
  if (role === null) {
    await control.query(`ALTER DATABASE ${database} ${change}`)
    return true
  }
  const alter = `ALTER ROLE ${quoteIdentifier(role)} IN DATABASE ${database} ${change}`
  try {
    // A block of its own, so that the error takes back nothing else.
    await control.query(`DO $lastgood$ BEGIN EXECUTE ${quoteLiteral(alter)}; END $lastgood$`)
    return true
  } catch (error) {
    if (sqlState(error) !== '42501') throw error
    return false
  }
}
