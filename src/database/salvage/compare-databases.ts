import type { Comparison, Difference, TableComparison } from '../../domain/salvage.ts'
import { mergeRows } from './merge-rows.ts'
import { pairTables, type TablePair } from './pair-tables.ts'
import { readDigests } from './read-rows.ts'
import { bucketsQuery, fromTable } from './row-sql.ts'
import type { OpenSides } from './sides.ts'
import { readTables, type TableShape } from './table-shape.ts'

const SAMPLES = 10

/** Receives the differences of one table in batches, while they are found. Other queries may be made meanwhile. */
export type Receive = (pair: TablePair, differences: readonly Difference[]) => Promise<void>

export interface CompareOptions {
  /** Null: every table. */
  only?: ((pair: TablePair) => boolean) | null
  batchSize?: (pair: TablePair) => number
  receive?: Receive
}

/** Every table of both, row by row. Holds some rows of one table at a time. */
export async function compareDatabases(sides: OpenSides, options: CompareOptions = {}): Promise<Comparison> {
  const paired = pairTables(await readTables(sides.damaged), await readTables(sides.restored))
  const pairs = paired.pairs.filter((pair) => options.only?.(pair) ?? true)
  const tables: TableComparison[] = []
  for (const pair of pairs) {
    const compared = await compareTable(sides, pair, options)
    if (compared !== null) tables.push(compared)
  }
  const count = (side: 'damaged' | 'restored', list: readonly TableShape[]) =>
    inTurn(list, async (table) => ({
      schema: table.schema,
      name: table.name,
      rows: await countRows(sides, side, table),
    }))
  return {
    ...sides.names,
    tables,
    equal: pairs.length - tables.length,
    onlyDamaged: await count('damaged', paired.onlyDamaged),
    onlyRestored: await count('restored', paired.onlyRestored),
  }
}

/** Null: the same rows on both sides. */
export async function compareTable(
  sides: OpenSides,
  pair: TablePair,
  { batchSize = () => 1000, receive = async () => {} }: CompareOptions,
): Promise<TableComparison | null> {
  const [ours, theirs] = await Promise.all([
    summarise(sides, pair, 'damaged'),
    summarise(sides, pair, 'restored'),
  ])
  const changed = changedBuckets(ours.buckets, theirs.buckets)
  if (changed.length === 0 && pair.onlyDamaged.length + pair.onlyRestored.length === 0) return null

  const result = emptyComparison(pair, { damaged: ours.rows, restored: theirs.rows })
  if (changed.length === 0) return result
  const total = Math.max(ours.buckets.size, theirs.buckets.size)
  const buckets = changed.length * 2 > total ? null : changed
  let changedAgain = 0
  let batch: Difference[] = []
  const rows = mergeRows(
    readDigests(sides.damaged, pair, 'damaged', 'false', buckets),
    readDigests(sides.restored, pair, 'restored', sides.later, buckets),
    pair.key?.map(({ order }) => order) ?? ['text'],
  )
  for await (const difference of rows) {
    note(result, difference)
    if (difference.changedAgain) changedAgain++
    batch.push(difference)
    if (batch.length < batchSize(pair)) continue
    await receive(pair, batch)
    batch = []
  }
  if (batch.length > 0) await receive(pair, batch)
  if (changedAgain > 0)
    result.notes.push(`${changedAgain} of the updated rows were written again since the restore`)
  return result
}

function note(result: TableComparison, { kind, key, copies }: Difference): void {
  result[kind] += copies
  const samples = result.samples[kind]
  if (samples.length < SAMPLES) samples.push([...key])
}

function emptyComparison(pair: TablePair, rows: TableComparison['rows']): TableComparison {
  return {
    schema: pair.schema,
    name: pair.name,
    primaryKey: pair.key?.map(({ column }) => column.name) ?? null,
    rows,
    inserted: 0,
    updated: 0,
    deleted: 0,
    later: 0,
    samples: { inserted: [], updated: [], deleted: [], later: [] },
    columns: { onlyDamaged: pair.onlyDamaged, onlyRestored: pair.onlyRestored },
    notes: [...pair.notes],
  }
}

interface Summary {
  rows: number
  /** Of each part: its rows and the sum of their hashes. */
  buckets: Map<number, string>
}

/** A table that nobody touched, which is most of them, costs one pass and no transfer; of the others only what differs. */
async function summarise(sides: OpenSides, pair: TablePair, side: 'damaged' | 'restored'): Promise<Summary> {
  const found = await sides[side].query<{ bucket: number; rows: string; sum: string }>(
    bucketsQuery(pair, side),
  )
  return {
    rows: found.reduce((total, { rows }) => total + Number(rows), 0),
    buckets: new Map(found.map(({ bucket, rows, sum }) => [bucket, `${rows} ${sum}`])),
  }
}

function changedBuckets(ours: Summary['buckets'], theirs: Summary['buckets']): number[] {
  const all = new Set([...ours.keys(), ...theirs.keys()])
  return [...all].filter((bucket) => ours.get(bucket) !== theirs.get(bucket))
}

export async function countRows(
  sides: OpenSides,
  side: 'damaged' | 'restored',
  table: TableShape,
): Promise<number> {
  const [row] = await sides[side].query<{ rows: string }>(
    `select count(*)::text as rows from ${fromTable(table)}`,
  )
  return Number(row?.rows)
}

/** One after another: they share a session. */
async function inTurn<A, B>(list: readonly A[], work: (item: A) => Promise<B>): Promise<B[]> {
  const results: B[] = []
  for (const item of list) results.push(await work(item))
  return results
}
