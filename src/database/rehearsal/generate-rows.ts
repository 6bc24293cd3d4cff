import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import { OWN_RELATIONS } from '../postgres/own-objects.ts'
import type { Sql } from '../postgres/session.ts'
import { type GeneratedColumn, valueFor } from './generated-value.ts'

export const GENERATED_ROWS = 20

export interface GeneratedRows {
  /** Tables that have rows now. */
  filled: string[]
  /** Tables that would not take a row, as a check or a trigger wants it otherwise. */
  empty: string[]
}

interface EmptyTable {
  schema: string
  name: string
  columns: GeneratedColumn[]
  /** Columns here -> columns there, of each foreign key. */
  keys: { columns: string[]; parent: string; parentColumns: string[]; own: boolean }[]
}

/** Some rows for tables that have none, parents first: a migration that cannot deal with rows must meet some. */
export async function generateRows(sql: Sql): Promise<GeneratedRows> {
  const result: GeneratedRows = { filled: [], empty: [] }
  for (const table of parentsFirst(await listEmptyTables(sql))) {
    const filled = await fill(sql, table)
    result[filled ? 'filled' : 'empty'].push(`${table.schema}.${table.name}`)
  }
  return result
}

async function listEmptyTables(sql: Sql): Promise<EmptyTable[]> {
  const tables = await sql.query<EmptyTable>(`
    SELECT n.nspname AS schema, c.relname AS name,
      (SELECT COALESCE(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'typtype', t.typtype, 'category', t.typcategory, 'notNull', a.attnotnull OR t.typnotnull,
                'filledByServer', a.atthasdef OR a.attidentity <> '',
                'labels', (SELECT json_agg(enumlabel ORDER BY enumsortorder) FROM pg_enum WHERE enumtypid = t.oid))
                ORDER BY a.attnum), '[]')
         FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) AS columns,
      (SELECT COALESCE(json_agg(json_build_object('parent', k.confrelid::regclass::text, 'own', k.confrelid = c.oid,
                'columns', (SELECT json_agg(attname ORDER BY place) FROM unnest(k.conkey) WITH ORDINALITY AS key (num, place)
                              JOIN pg_attribute ON attrelid = k.conrelid AND attnum = num),
                'parentColumns', (SELECT json_agg(attname ORDER BY place) FROM unnest(k.confkey) WITH ORDINALITY AS key (num, place)
                              JOIN pg_attribute ON attrelid = k.confrelid AND attnum = num))), '[]')
         FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f') AS keys
      ${OWN_RELATIONS} AND c.relkind = 'r' AND NOT c.relispartition ORDER BY 1, 2`)
  const empty: EmptyTable[] = []
  for (const table of tables) {
    const rows = await sql.query(`SELECT 1 FROM ${qualified(table.schema, table.name)} LIMIT 1`)
    if (rows.length === 0) empty.push(table)
  }
  return empty
}

/** As far as there is such an order: of a ring, one begins, and stays empty if it may not. */
function parentsFirst(tables: readonly EmptyTable[]): EmptyTable[] {
  const waiting = [...tables]
  const ordered: EmptyTable[] = []
  const named = ({ schema, name }: EmptyTable, parent: string) =>
    [`${schema}.${name}`, qualified(schema, name), name, quoteIdentifier(name)].includes(parent)
  while (waiting.length > 0) {
    const free = waiting.findIndex(({ keys }) =>
      keys.every(({ parent, own }) => own || !waiting.some((other) => named(other, parent))),
    )
    ordered.push(...waiting.splice(Math.max(0, free), 1))
  }
  return ordered
}

async function fill(sql: Sql, table: EmptyTable): Promise<boolean> {
  const values: { column: string; value: string }[] = []
  for (const column of table.columns) {
    const key = table.keys.find(({ columns }) => columns.includes(column.name))
    if (key !== undefined && !key.own) {
      const other = quoteIdentifier(key.parentColumns[key.columns.indexOf(column.name)] ?? '')
      const place = `(n - 1) % GREATEST(1, (SELECT count(*) FROM ${key.parent}))`
      values.push({
        column: column.name,
        value: `(SELECT ${other} FROM ${key.parent} ORDER BY ctid LIMIT 1 OFFSET ${place})`,
      })
    } else if (!column.filledByServer && key === undefined) {
      const value = valueFor(column)
      if (value !== null) values.push({ column: column.name, value })
    }
  }
  const target = qualified(table.schema, table.name)
  const names = values.map(({ column }) => quoteIdentifier(column)).join(', ')
  const insert =
    values.length === 0
      ? `INSERT INTO ${target} DEFAULT VALUES`
      : `INSERT INTO ${target} (${names}) SELECT ${values.map(({ value }) => value).join(', ')}`
  // A row at a time: a check or a unique column may take some of them and refuse others.
  let taken = 0
  for (let n = 1; n <= GENERATED_ROWS; n++) {
    const row = values.length === 0 ? insert : `${insert} FROM (SELECT ${n}) AS row (n)`
    if (await isTaken(sql, row)) taken++
  }
  return taken > 0
}

function isTaken(sql: Sql, insert: string): Promise<boolean> {
  return sql.query(insert).then(
    () => true,
    () => false,
  )
}
