import { qualified, quoteLiteral } from '../postgres/identifier.ts'
import { OWN_RELATIONS } from '../postgres/own-objects.ts'
import type { Sql } from '../postgres/session.ts'

/** No tool writes down so much. */
const MOST_ROWS = 10_000

/** The table in which a tool that we do not know keeps its record: it has all these names. Null: none, or not only one. */
export async function findRecord(sql: Sql, names: readonly string[]): Promise<string | null> {
  if (names.length === 0) return null
  const tables = await sql.query<{ schema: string; name: string }>(
    `SELECT n.nspname AS schema, c.relname AS name ${OWN_RELATIONS} AND c.relkind = 'r' AND c.reltuples < ${MOST_ROWS}`,
  )
  const found: string[] = []
  for (const { schema, name } of tables) {
    const conditions = names.map(
      (each) =>
        `EXISTS (SELECT 1 FROM ${qualified(schema, name)} t WHERE strpos(t::text, ${quoteLiteral(each)}) > 0)`,
    )
    const [row] = await sql.query<{ all: boolean }>(`SELECT ${conditions.join(' AND ')} AS "all"`)
    if (row?.all) found.push(`${schema}.${name}`)
  }
  return found.length === 1 ? (found[0] ?? null) : null
}
