import type { SequenceContent } from '../../domain/checkpoint.ts'
import { readSequences } from '../postgres/content.ts'
import { qualified, quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

interface OwnedColumn {
  schema: string
  name: string
  tableSchema: string
  table: string
  column: string
}

/**
 * How far every sequence is, and further where its column holds a higher number. A sequence that stands behind its own rows
 * is what `psql < backup.sql` leaves: it sets the sequences back and fails to put the rows back. Only columns with an index
 * are asked, which answers at once.
 */
export async function readHandedOut(sql: Sql): Promise<SequenceContent[]> {
  const sequences = await readSequences(sql)
  const columns = await sql.query<OwnedColumn>(`
    SELECT sn.nspname AS schema, s.relname AS name, tn.nspname AS "tableSchema", t.relname AS "table",
           a.attname AS "column"
      FROM pg_class s JOIN pg_namespace sn ON sn.oid = s.relnamespace
      JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
       AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
      JOIN pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p') JOIN pg_namespace tn ON tn.oid = t.relnamespace
      JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      JOIN pg_sequence q ON q.seqrelid = s.oid AND q.seqincrement > 0
     WHERE s.relkind = 'S' AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
       AND has_table_privilege(t.oid, 'SELECT')
       AND EXISTS (SELECT FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid JOIN pg_am am ON am.oid = ic.relam
                    WHERE i.indrelid = t.oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = a.attnum
                      AND am.amname = 'btree')`)
  if (columns.length === 0) return sequences
  const one = ({ schema, name, tableSchema, table, column }: OwnedColumn) =>
    `SELECT ${quoteLiteral(schema)}::text AS schema, ${quoteLiteral(name)}::text AS name,
            max(${quoteIdentifier(column)})::text AS highest FROM ${qualified(tableSchema, table)}`
  const rows = await sql.query<{ schema: string; name: string; highest: string | null }>(
    columns.map(one).join(' UNION ALL '),
  )
  return sequences.map((sequence) => {
    const { schema, name, lastValue } = sequence
    const highest = rows.find((row) => row.schema === schema && row.name === name)?.highest ?? null
    if (highest === null || BigInt(highest) < BigInt(lastValue)) return sequence
    return { ...sequence, lastValue: highest, isCalled: true }
  })
}
