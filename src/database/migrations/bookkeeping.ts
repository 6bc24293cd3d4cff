import type { AppliedMigration } from '../../domain/migration.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

/** Where a tool writes down what it has applied. */
export interface Bookkeeping {
  name: string
  at?: string
  checksum?: string
  /** Columns that give the order they were applied in; names otherwise. */
  order: readonly string[]
}

/** `table` or `schema.table`, as it is written in the configuration. */
export function quoteTable(table: string): string {
  return table.split('.').map(quoteIdentifier).join('.')
}

/** Rows of the tool's own table. No table yet: nothing is applied, and that is no error. */
export async function readBookkeeping(
  sql: Sql,
  table: string,
  columns: Bookkeeping,
): Promise<AppliedMigration[]> {
  const quoted = quoteTable(table)
  const [found] = await sql.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [quoted])
  if (!found?.there) return []
  const pick = (column: string | undefined) =>
    column === undefined ? 'NULL' : `${quoteIdentifier(column)}::text`
  const order = columns.order.map(quoteIdentifier).join(', ')
  const rows = await sql.query<{ name: string; at: string | null; checksum: string | null }>(
    `SELECT ${pick(columns.name)} AS name, ${pick(columns.at)} AS at, ${pick(columns.checksum)} AS checksum
     FROM ${quoted} ORDER BY ${order}`,
  )
  return rows.map((row) => ({ ...row, halfDone: false }))
}
