import type { TableContent } from '../../domain/checkpoint.ts'
import { qualified, quoteIdentifier } from './identifier.ts'
import { OWN_RELATIONS } from './own-objects.ts'
import type { Sql } from './session.ts'
import { sqlState } from './translate-error.ts'

export type HashKind = 'text' | 'record' | 'none'

interface TableRow {
  schema: string
  name: string
  bytes: string
  columns: string[]
  primaryKey: string[] | null
}

const UNDEFINED_FUNCTION = '42883'

/** Every table that holds rows itself: of a partitioned one its partitions. */
export async function readTables(sql: Sql, hash: HashKind): Promise<TableContent[]> {
  const tables: TableContent[] = []
  for (const table of await listTables(sql)) {
    const { schema, name, primaryKey } = table
    tables.push({
      schema,
      name,
      primaryKey,
      bytes: Number(table.bytes),
      ...(await readRows(sql, table, hash)),
    })
  }
  return tables
}

/** Columns by name, so that one dropped and added again, which stands last, makes no difference. */
async function listTables(sql: Sql): Promise<TableRow[]> {
  return sql.query<TableRow>(`
    SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid)::text AS bytes,
           ARRAY(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                  ORDER BY attname COLLATE "C") AS columns,
           (SELECT array_agg(attname::text ORDER BY place)
              FROM pg_constraint k, unnest(k.conkey) WITH ORDINALITY AS key (attnum, place)
              JOIN pg_attribute a ON a.attnum = key.attnum
             WHERE k.conrelid = c.oid AND k.contype = 'p' AND a.attrelid = c.oid) AS "primaryKey"
      ${OWN_RELATIONS} AND c.relkind = 'r' ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`)
}

async function readRows(
  sql: Sql,
  table: TableRow,
  hash: HashKind,
): Promise<Pick<TableContent, 'rows' | 'hash'>> {
  if (hash !== 'record') return query(sql, table, hash)
  // A json or xml column has no hash of its own: such a table is hashed by its text.
  await sql.query('SAVEPOINT lastgood_record')
  try {
    const content = await query(sql, table, 'record')
    await sql.query('RELEASE SAVEPOINT lastgood_record')
    return content
  } catch (error) {
    if (sqlState(error) !== UNDEFINED_FUNCTION) throw error
    await sql.query('ROLLBACK TO SAVEPOINT lastgood_record; RELEASE SAVEPOINT lastgood_record')
    return query(sql, table, 'text')
  }
}

/** A sum does not care for the order of the rows, and counts one that is there twice. ONLY: heirs count their own rows. */
async function query(
  sql: Sql,
  table: TableRow,
  hash: HashKind,
): Promise<Pick<TableContent, 'rows' | 'hash'>> {
  const row = `ROW(${table.columns.map((column) => `t.${quoteIdentifier(column)}`).join(', ')})`
  const one: Record<HashKind, string> = {
    text: `hashtextextended(${row}::text COLLATE "C", 0)`,
    record: `hash_record_extended(${row}, 0)`,
    none: 'NULL::bigint',
  }
  const [found] = await sql.query<{ rows: string; hash: string | null }>(
    `SELECT count(*)::text AS rows, sum(${one[hash]})::text AS hash FROM ONLY ${qualified(table.schema, table.name)} t`,
  )
  return { rows: Number(found?.rows ?? 0), hash: hash === 'none' ? null : (found?.hash ?? '0') }
}
