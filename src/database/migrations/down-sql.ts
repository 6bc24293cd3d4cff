import type { KnownMigration } from '../../domain/migration.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { inTransaction, type Sql } from '../postgres/session.ts'
import { quoteTable } from './bookkeeping.ts'

/** The way down that we have as text, together with the tool's own record of it: both or neither. */
export async function runDownSql(
  sql: Sql,
  migration: KnownMigration,
  record: { table: string; where: string },
): Promise<void> {
  const { downSql, title } = migration
  if (downSql === undefined) throw new OperatorError('MIGRATION_FORWARD_ONLY', { migrations: title })
  await inTransaction(sql, async () => {
    await sql.query(downSql)
    await sql.query(`DELETE FROM ${quoteTable(record.table)} WHERE ${record.where} = $1`, [migration.name])
  })
}
