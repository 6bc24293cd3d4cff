import type { Loss } from '../../domain/proof.ts'
import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

/** Values that are not null, or rows; what is not there any more is 0. What goes only in part stays as it was counted. */
export async function countLosses(sql: Sql, losses: readonly Loss[]): Promise<Loss[]> {
  const counted: Loss[] = []
  for (const loss of losses)
    counted.push(loss.whole === undefined ? loss : { ...loss, rows: await count(sql, loss.whole) })
  return counted
}

async function count(sql: Sql, { table, column }: NonNullable<Loss['whole']>): Promise<number> {
  const at = table.indexOf('.')
  const name = qualified(table.slice(0, at), table.slice(at + 1))
  if (!(await isThere(sql, name, column))) return 0
  const what = column === null ? '*' : quoteIdentifier(column)
  const [row] = await sql.query<{ count: string }>(`SELECT count(${what}) AS count FROM ${name}`)
  return Number(row?.count ?? 0)
}

async function isThere(sql: Sql, table: string, column: string | null): Promise<boolean> {
  const [row] = await sql.query<{ there: boolean }>(
    `SELECT to_regclass($1) IS NOT NULL AND ($2::text IS NULL OR EXISTS (
       SELECT FROM pg_attribute WHERE attrelid = to_regclass($1) AND attname = $2 AND NOT attisdropped)) AS there`,
    [table, column],
  )
  return row?.there === true
}
