import type { ColumnContent } from '../../domain/judge-down.ts'
import { withFixedSettings } from '../postgres/content.ts'
import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import { OWN_RELATIONS } from '../postgres/own-objects.ts'
import type { Sql } from '../postgres/session.ts'

/** Of every column how many values it has, and a hash of them: one look at each table. In the caller's transaction. */
export async function readColumns(sql: Sql, tables: 'all' | readonly string[]): Promise<ColumnContent[]> {
  return withFixedSettings(sql, async () => {
    const columns: ColumnContent[] = []
    for (const table of await listTables(sql, tables)) columns.push(...(await readTable(sql, table)))
    return columns
  })
}

interface Table {
  schema: string
  name: string
  columns: string[]
}

async function listTables(sql: Sql, tables: 'all' | readonly string[]): Promise<Table[]> {
  return sql.query<Table>(
    `SELECT n.nspname AS schema, c.relname AS name,
            ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                   ORDER BY attname COLLATE "C") AS columns
       ${OWN_RELATIONS} AND c.relkind = 'r' AND ($1::text[] IS NULL OR n.nspname || '.' || c.relname = ANY ($1))`,
    [tables === 'all' ? null : tables],
  )
}

async function readTable(sql: Sql, { schema, name, columns }: Table): Promise<ColumnContent[]> {
  if (columns.length === 0) return []
  const each = columns.map((column) => `t.${quoteIdentifier(column)}`)
  const picked = each.map(
    (column) =>
      `count(${column})::text || ' ' || COALESCE(sum(hashtextextended(${column}::text COLLATE "C", 0)), 0)`,
  )
  const [row] = await sql.query<{ content: string[] }>(
    `SELECT ARRAY[${picked.join(', ')}] AS content FROM ONLY ${qualified(schema, name)} t`,
  )
  return columns.map((column, index) => {
    const [values = '0', hash = '0'] = row?.content[index]?.split(' ') ?? []
    return { table: `${schema}.${name}`, column, values: Number(values), hash }
  })
}
