import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import type { ColumnPair, TablePair } from './pair-tables.ts'
import type { ColumnShape, TableShape } from './table-shape.ts'

export type Side = 'damaged' | 'restored'

/**
 * Before any row is read or written: the text of a value must be the same whatever a role or database has set, and nothing
 * may be hidden from us (row security makes an error instead).
 */
export const SAME_TEXT_EVERYWHERE = `
set search_path = ''; set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';
set extra_float_digits = 1; set bytea_output = 'hex'; set lc_monetary = 'C'; set xmlbinary = 'base64';
set row_security = off; set standard_conforming_strings = on; set statement_timeout = 0;
set idle_in_transaction_session_timeout = 0; set cursor_tuple_fraction = 1; set jit = off`

/** As the FROM of a query: without the rows of tables that inherit from it, which come by themselves. */
export function fromTable(table: TableShape): string {
  return `${table.partitioned ? '' : 'only '}${qualified(table.schema, table.name)}`
}

/** Types whose cast to text is their own output; others' casts may leave something out: `true` for `t`, no blanks. */
const PLAIN = new Set(
  'int2 int4 int8 oid text varchar uuid numeric float4 float8 timestamptz timestamp date json jsonb bytea'.split(
    ' ',
  ),
)

/** A value as the server writes it in a dump. */
export function textOf(alias: string, column: ColumnShape): string {
  const value = `${alias}.${quoteIdentifier(column.name)}`
  if (PLAIN.has(column.baseType)) return `${value}::text`
  return `case when ${value} is null then null else format('%s', ${value}) end`
}

/** Of every common column. Two rows with another content have another hash, on any server. */
export function hashOf(alias: string, pair: TablePair): string {
  return `encode(substr(sha256(convert_to(${contentOf(alias, pair)}, 'UTF8')), 1, 16), 'hex')`
}

const BUCKETS = 4096

/**
 * The table in at most 4096 parts, each with its rows and all their content as one number, whatever their order. Numbers
 * that follow each other fall into the same part, so that new rows are together in few of them.
 */
export function bucketsQuery(pair: TablePair, side: Side): string {
  return `select ${bucketOf('t', pair, side)} as bucket, count(*)::text as rows,
      sum(hashtextextended(${contentOf('t', pair)}, 0)::numeric)::text as sum
    from ${fromTable(pair[side])} as t group by 1`
}

function bucketOf(alias: string, pair: TablePair, side: Side): string {
  const [first, ...more] = pair.key ?? []
  if (first === undefined) return `(hashtextextended(${contentOf(alias, pair)}, 0) & ${BUCKETS - 1})::int`
  const { order, column } = first
  if (order === 'integer' && more.length === 0)
    return `(hashint8(${alias}.${quoteIdentifier(column.name)}::bigint / 1024) & ${BUCKETS - 1})::int`
  const texts = [first, ...more].map((part) => textOf(alias, part.column[side]))
  return `(hashtextextended(row(${texts.join(', ')})::text, 0) & ${BUCKETS - 1})::int`
}

function contentOf(alias: string, { columns }: TablePair): string {
  return `row(${columns.map(({ name }) => `${alias}.${quoteIdentifier(name)}`).join(', ')})::text`
}

/** Key and hash of every row of these parts (null: of all), in the order of compareKeys. */
export function digestQuery(
  pair: TablePair,
  side: Side,
  later: string,
  buckets: readonly number[] | null,
): string {
  const from = fromTable(pair[side])
  const inBuckets =
    buckets === null ? '' : `where ${bucketOf('t', pair, side)} = any('{${buckets.join(',')}}'::int[])`
  if (pair.key === null)
    return `select hash as k0, hash, count(*)::int as copies, bool_and(later) as later
      from (select ${hashOf('t', pair)} as hash, ${later} as later from ${from} as t ${inBuckets}) as rows
      group by hash order by hash collate "C"`
  const keys = pair.key.map(({ column }, i) => `${textOf('t', column[side])} as k${i}`)
  const order = pair.key.map(({ column, order }) =>
    order === 'text'
      ? `convert_to(${textOf('t', column[side])}, 'UTF8')`
      : `t.${quoteIdentifier(column.name)}`,
  )
  return `select ${keys.join(', ')}, ${hashOf('t', pair)} as hash, 1 as copies, ${later} as later
    from ${from} as t ${inBuckets} order by ${order.join(', ')}`
}

/** The whole rows of some keys: `$1`, `$2`, ... are arrays of text, one for each column of the key. */
export function rowsQuery(pair: TablePair, side: Side): string {
  const columns = pair.columns.map((column, i) => `${textOf('t', column[side])} as v${i}`)
  const from = `${fromTable(pair[side])} as t`
  const hash = `${hashOf('t', pair)} as hash`
  if (pair.key === null)
    return `select distinct on (hash) * from (select ${hash}, ${columns.join(', ')} from ${from}) as t
      where hash = any($1::text[])`
  const keys = pair.key.map(({ column }, i) => `${textOf('t', column[side])} as k${i}`)
  return `select ${[...keys, hash, ...columns].join(', ')} from ${from} where ${keyIn(pair, side, 't.')}`
}

/** True for the rows whose key is in the arrays. */
export function keyIn(pair: TablePair, side: Side, prefix: string): string {
  const key = pair.key ?? []
  const names = key.map(({ column }) => prefix + quoteIdentifier(column.name))
  const given = key.map(({ column }, i) => `u.k${i}::${column[side].type}`)
  const arrays = key.map((_, i) => `$${i + 1}::text[]`)
  const aliases = key.map((_, i) => `k${i}`)
  return `(${names.join(', ')}) in (select ${given.join(', ')} from unnest(${arrays.join(', ')}) as u(${aliases.join(', ')}))`
}

export function columnList(columns: readonly ColumnPair[]): string {
  return columns.map(({ name }) => quoteIdentifier(name)).join(', ')
}
