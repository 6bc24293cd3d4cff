import type { DatabaseProperties } from '../../domain/checkpoint.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import { inTransaction, type Sql } from '../postgres/session.ts'

/** Writes were frozen when the checkpoint was taken; that is no property of the database. */
const READ_ONLY = 'default_transaction_read_only'

/**
 * What belongs to the database's name and a service may count on: its search_path above all, and who may connect. A setting
 * that our role may not make is left out: those are about logs and limits.
 */
export async function carrySettings(
  sql: Sql,
  name: string,
  { acl, settings }: Pick<DatabaseProperties, 'acl' | 'settings'>,
): Promise<void> {
  const database = quoteIdentifier(name)
  if (acl !== null) {
    await sql.query(`REVOKE ALL ON DATABASE ${database} FROM PUBLIC`)
    for (const { grantee, privilege } of acl) {
      const to = grantee === null ? 'PUBLIC' : quoteIdentifier(grantee)
      await sql.query(`GRANT ${privilege} ON DATABASE ${database} TO ${to}`)
    }
  }
  for (const { role, setting } of settings) {
    const at = setting.indexOf('=')
    const parameter = setting.slice(0, at)
    if (parameter === READ_ONLY) continue
    // FROM CURRENT keeps the text as it is: a list of names would have to be taken apart and quoted.
    const quoted = parameter.split('.').map(quoteIdentifier).join('.')
    const who =
      role === null ? `DATABASE ${database}` : `ROLE ${quoteIdentifier(role)} IN DATABASE ${database}`
    await inTransaction(sql, async () => {
      await sql.query('SELECT set_config($1, $2, true)', [parameter, setting.slice(at + 1)])
      await sql.query(`ALTER ${who} SET ${quoted} FROM CURRENT`)
    }).catch(() => {})
  }
}
