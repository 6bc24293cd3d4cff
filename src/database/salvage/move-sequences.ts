import type { MovedSequence } from '../../domain/salvage.ts'
import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'
import type { Staged } from './staging.ts'

interface OwnedSequence {
  schema: string
  name: string
  increment: string
  tableOid: string
  column: string
}

/** Beyond this, one jump: nobody takes so many numbers in the moment between looking and jumping. */
const JUMP = 1_000_000n

/**
 * Past what either database has handed out, and past every row. A sequence is taken forward a number at a time: unlike
 * setting it, that cannot take back numbers that the service draws meanwhile. Never back, so done twice is done once.
 */
export async function moveSequences(
  writer: Sql,
  damaged: Sql,
  staged: readonly Staged[],
  move: boolean,
): Promise<MovedSequence[]> {
  const moved: MovedSequence[] = []
  const sequences = await writer.query<OwnedSequence>(SEQUENCES, [
    staged.map(({ pair }) => pair.restored.oid),
  ])
  for (const sequence of sequences) {
    const { schema, name } = sequence
    const table = staged.find(({ pair }) => pair.restored.oid === sequence.tableOid)
    const step = BigInt(sequence.increment)
    if (table === undefined || step < 1n) continue
    const from = await lastValue(writer, schema, name)
    const to = highest([
      await lastValue(damaged, schema, name),
      await highestId(writer, table, sequence.column),
      from,
    ])
    if (from === null || to === null || to <= from) continue
    if (move) await takeForward(writer, sequence, (to - from + step - 1n) / step, to)
    moved.push({ schema, name, from: String(from), to: String(to) })
  }
  return moved
}

async function takeForward(
  sql: Sql,
  { schema, name }: OwnedSequence,
  steps: bigint,
  to: bigint,
): Promise<void> {
  const sequence = qualified(schema, name)
  if (steps > JUMP) await sql.query('select setval($1::regclass, $2::bigint)', [sequence, String(to)])
  else
    await sql.query('select max(nextval($1::regclass)) from generate_series(1, $2::bigint)', [
      sequence,
      String(steps),
    ])
}

/** Null: it is not there. 0, or what comes before the first one: nothing was handed out. */
async function lastValue(sql: Sql, schema: string, name: string): Promise<bigint | null> {
  const [there] = await sql.query<{ oid: string | null }>('select to_regclass($1)::oid::text as oid', [
    qualified(schema, name),
  ])
  if (!there?.oid) return null
  const [row] = await sql.query<{ last: string }>(
    `select (last_value - case when is_called then 0 else seqincrement end)::text as last
     from ${qualified(schema, name)}, pg_sequence where seqrelid = $1::oid`,
    [there.oid],
  )
  return row === undefined ? null : BigInt(row.last)
}

async function highestId(sql: Sql, { table }: Staged, column: string): Promise<bigint | null> {
  const name = quoteIdentifier(column)
  const [row] = await sql.query<{ max: string | null }>(
    `select max(${name})::bigint::text as max from ${table}`,
  )
  return row?.max == null ? null : BigInt(row.max)
}

function highest(values: readonly (bigint | null)[]): bigint | null {
  return values.reduce(
    (most, value) => (most === null || (value !== null && value > most) ? value : most),
    null,
  )
}

/** Of identity and serial columns, and of any other default that draws from a sequence. Whole numbers only. */
const SEQUENCES = `
select distinct n.nspname::text as schema, c.relname::text as name, s.seqincrement::text as increment,
  a.attrelid::text as "tableOid", a.attname::text as column
from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
join lateral (
  select d.refobjid as attrelid, d.refobjsubid as attnum from pg_depend d
   where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.refclassid = 'pg_class'::regclass
     and d.deptype in ('a', 'i') and d.refobjsubid > 0
  union
  select f.adrelid, f.adnum from pg_depend d join pg_attrdef f on f.oid = d.objid
   where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
) as used on true
join pg_attribute a on a.attrelid = used.attrelid and a.attnum = used.attnum
where a.attrelid = any($1::oid[]) and a.atttypid in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype)
order by 1, 2`
