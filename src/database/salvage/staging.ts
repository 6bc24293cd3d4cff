import type { LeftOut } from '../../domain/salvage.ts'
import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'
import type { KeyPart } from './compare-keys.ts'
import type { TablePair } from './pair-tables.ts'
import type { WholeRow } from './read-rows.ts'
import { columnList, fromTable, hashOf, textOf } from './row-sql.ts'

/** Ours in the temporary table: its row's hash, why it does not come back, whether it has come back. */
export const HASH = '"lastgood hash"'
export const OUT = '"lastgood out"'
export const DONE = '"lastgood done"'

/** The rows of one table that are to come back, in a temporary table of the restored database: checks are joins there. */
export interface Staged {
  pair: TablePair
  /** Quoted. */
  stage: string
  table: string
  found: number
}

export async function createStage(sql: Sql, pair: TablePair, place: number): Promise<Staged> {
  const stage = quoteIdentifier(`lastgood salvage ${place}`)
  const columns = columnList(pair.columns)
  await sql.query(`create temporary table ${stage} on commit drop as
    select ${columns}, ''::text as ${HASH}, null::text as ${OUT}, false as ${DONE}
    from ${fromTable(pair.restored)} with no data`)
  return { pair, stage: `pg_temp.${stage}`, table: qualified(pair.schema, pair.name), found: 0 }
}

/** Adds rows, each as the text of its values: the server reads it as it reads a dump. */
export async function stageRows(
  sql: Sql,
  staged: Staged,
  rows: readonly WholeRow[],
  leftOut: ReadonlySet<string>,
): Promise<void> {
  if (rows.length === 0) return
  const { columns } = staged.pair
  const values: KeyPart[][] = columns.map((_, i) => rows.map((row) => row.values[i] ?? null))
  values.push(rows.map(({ hash }) => hash))
  values.push(rows.map(({ key }) => (leftOut.has(JSON.stringify(key)) ? 'predicate' : null)))
  const names = values.map((_, i) => `v${i}`)
  const typed = columns.map(({ restored }, i) => `u.v${i}::${restored.type}`)
  const arrays = values.map((_, i) => `$${i + 1}::text[]`)
  await sql.query(
    `insert into ${staged.stage} (${columnList(columns)}, ${HASH}, ${OUT}, ${DONE})
     select ${[...typed, `u.v${columns.length}`, `u.v${columns.length + 1}`, 'false'].join(', ')}
     from unnest(${arrays.join(', ')}) as u(${names.join(', ')})`,
    values,
  )
  staged.found += rows.length
}

/** An index for the joins to come, and figures for the planner. */
export async function endStage(sql: Sql, { pair, stage }: Staged): Promise<void> {
  if (pair.key !== null)
    await sql.query(`create index on ${stage} (${columnList(pair.key.map(({ column }) => column))})`)
  await sql.query(`analyze ${stage}`)
}

/**
 * Writes what is not left out, where nothing has its place, and notes which rows were written: what is neither is a conflict.
 * @returns conflicts that cannot be told apart from written rows: those of a table without a key
 */
export async function insertStaged(sql: Sql, staged: Staged): Promise<number> {
  const { pair, stage, table } = staged
  const columns = columnList(pair.columns)
  const insert = `insert into ${table} as t (${columns}) overriding system value
    select ${columns} from ${stage} where ${OUT} is null on conflict do nothing`
  const same = sameKey(staged)
  if (same === null || pair.key === null) {
    const [row] = await sql.query<{ count: string }>(
      `with written as (${insert} returning 1) select count(*)::text as count from written`,
    )
    await sql.query(`update ${stage} set ${DONE} = true where ${OUT} is null`)
    return (await countWritten(sql, staged)) - Number(row?.count)
  }
  const key = pair.key.map(({ column }) => `t.${quoteIdentifier(column.name)}`).join(', ')
  // In one statement: afterwards the planner would take the table for as small as it was, and read it once for each row.
  await sql.query(
    `with t as (${insert} returning ${key}) update ${stage} s set ${DONE} = true from t where ${same}`,
  )
  await sql.query(`update ${stage} set ${OUT} = 'conflict' where ${OUT} is null and not ${DONE}`)
  return 0
}

/** Rows that came back and are not what they were: a trigger, or a column of another type. */
export async function countChanged(sql: Sql, staged: Staged): Promise<number> {
  const { pair, stage, table } = staged
  const same = sameKey(staged)
  const hash = hashOf('t', pair)
  const query =
    same === null
      ? `select count(*)::text as count from ${stage} s where ${DONE}
         and not exists (select from ${table} t where ${hash} = s.${HASH})`
      : `select count(*)::text as count from ${stage} s join ${table} t on ${same}
         where s.${DONE} and ${hash} <> s.${HASH}`
  const [row] = await sql.query<{ count: string }>(query)
  return Number(row?.count)
}

export function sameKey({ pair }: Staged): string | null {
  if (pair.key === null) return null
  return pair.key
    .map(({ column: { name } }) => `t.${quoteIdentifier(name)} = s.${quoteIdentifier(name)}`)
    .join(' and ')
}

/** Rows that are in the table now because of us. */
export async function countWritten(sql: Sql, staged: Staged): Promise<number> {
  const [row] = await sql.query<{ count: string }>(
    `select count(*)::text as count from ${staged.stage} where ${DONE}`,
  )
  return Number(row?.count)
}

export async function countTable(sql: Sql, { table }: Staged): Promise<number> {
  const [row] = await sql.query<{ count: string }>(`select count(*)::text as count from ${table}`)
  return Number(row?.count)
}

/** What does not come back, by why; the first ten keys of each. */
export async function listLeftOut(sql: Sql, { pair, stage }: Staged): Promise<LeftOut[]> {
  const { schema, name } = pair
  const key = pair.key?.map(({ column }) => textOf('s', column.restored)) ?? [`s.${HASH}`]
  const rows = await sql.query<{ why: LeftOut['why']; rows: string; keys: (string | null)[][] }>(
    `select ${OUT} as why, count(*)::text as rows, json_agg(key order by place) filter (where place <= 10) as keys
     from (select ${OUT}, array[${key.join(', ')}] as key, row_number() over (partition by ${OUT} order by s.ctid) as place
           from ${stage} s where ${OUT} is not null) as s
     group by 1 order by 1`,
  )
  return rows.map(({ why, rows: count, keys }) => ({ schema, name, why, rows: Number(count), keys }))
}
