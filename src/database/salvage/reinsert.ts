import {
  type LeftOut,
  type ReinsertedTable,
  type Reinsertion,
  type TableComparison,
  tableTitle,
} from '../../domain/salvage.ts'
import { isOperatorError, OperatorError } from '../../errors/operator-error.ts'
import type { DatabaseSession, Sql } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'
import type { Predicate } from './apply-predicate.ts'
import { compareTable } from './compare-databases.ts'
import { moveSequences } from './move-sequences.ts'
import { orderPairs } from './order-pairs.ts'
import type { TablePair } from './pair-tables.ts'
import { pruneOrphans, requireParents, settleParents } from './parents.ts'
import { readRows, rowsAtATime } from './read-rows.ts'
import type { OpenSides } from './sides.ts'
import {
  countChanged,
  countTable,
  countWritten,
  createStage,
  endStage,
  insertStaged,
  listLeftOut,
  type Staged,
  stageRows,
} from './staging.ts'
import { openRings, turnTriggersOff } from './triggers.ts'

interface Work {
  sides: OpenSides
  /** In a transaction that may write. */
  writer: DatabaseSession
  pairs: readonly TablePair[]
  predicate: Predicate
  /** False: everything is tried, for the caller to roll back. */
  forReal: boolean
  crash(point: string): void
}

/** The inserts of these tables, into the writer's transaction; ending that is the caller's. */
export async function reinsertRows(work: Work): Promise<Omit<Reinsertion, 'ms'>> {
  const { sides, writer, predicate, crash } = work
  const { order, cycles } = orderPairs(work.pairs)
  for (const pair of order) refuseEmptyColumns(pair, sides.names.damaged)

  const compared: TableComparison[] = []
  const staged: Staged[] = []
  for (const pair of order) {
    const { stage, comparison } = await stageTable(work, pair, staged.length)
    staged.push(stage)
    if (comparison !== null) compared.push(comparison)
  }
  await requireParents(writer, staged, sides.names.restored)
  crash('salvage/staged')

  const triggersOff = await turnTriggersOff(writer)
  if (!triggersOff) await openRings(writer, busyRings(cycles, staged), writer.connection.user)
  const before = await inTurn(staged, (one) => countTable(writer, one))
  const lost = await writeTables(writer, staged, triggersOff)
  const sequences = await moveSequences(writer, sides.damaged, staged, work.forReal)
  crash('salvage/inserted')

  const tables = await inTurn(staged, (one, i) => describeTable(writer, one, before[i] ?? 0, lost[i] ?? 0))
  const leftOut = (await inTurn(staged, (one, i) => describeLeftOut(writer, one, lost[i] ?? 0))).flat()
  return {
    ...sides.names,
    tables,
    leftOut,
    sequences,
    triggersOff,
    untouched: compared
      .filter(({ updated, deleted }) => updated + deleted > 0)
      .map(({ schema, name, updated, deleted }) => ({ schema, name, updated, deleted })),
    notes: notesOf(order, predicate, triggersOff),
  }
}

async function stageTable(
  { sides, writer, predicate }: Work,
  pair: TablePair,
  place: number,
): Promise<{ stage: Staged; comparison: TableComparison | null }> {
  const stage = await createStage(writer, pair, place)
  const comparison = await compareTable(sides, pair, {
    batchSize: rowsAtATime,
    async receive(_, differences) {
      const inserted = differences.filter(({ kind }) => kind === 'inserted')
      if (inserted.length === 0) return
      const keys = inserted.map(({ key }) => key)
      const leftOut = await predicate.leavesOut(pair, keys)
      const rows = await readRows(sides.damaged, pair, 'damaged', keys)
      const all =
        pair.key === null
          ? rows.flatMap((row, i) => Array.from({ length: inserted[i]?.copies ?? 1 }, () => row))
          : rows
      await refusing(pair, () => stageRows(writer, stage, all, leftOut))
    },
  })
  await endStage(writer, stage)
  return { stage, comparison }
}

/** @returns for each table without a key, how many of its rows found their place taken */
async function writeTables(writer: Sql, staged: readonly Staged[], triggersOff: boolean): Promise<number[]> {
  const lost: number[] = []
  for (const [i, table] of staged.entries()) {
    await settleParents(writer, table, staged, { toCome: staged.slice(i), lock: triggersOff })
    await refusing(table.pair, async () => {
      lost.push(await insertStaged(writer, table))
    })
  }
  if (triggersOff) await pruneOrphans(writer, staged)
  else await writer.query('set constraints all immediate')
  for (const table of staged) {
    const changed = await countChanged(writer, table)
    if (changed > 0) {
      const why = triggersOff ? 'a column has another type here' : 'a trigger or a column of another type'
      const detail = `${changed} of them are not what they were once written (${why})`
      throw new OperatorError('SALVAGE_REFUSED', { table: tableTitle(table.pair), detail })
    }
  }
  return lost
}

async function describeTable(
  writer: Sql,
  staged: Staged,
  before: number,
  lost: number,
): Promise<ReinsertedTable> {
  const { schema, name } = staged.pair
  const inserted = (await countWritten(writer, staged)) - lost
  const after = await countTable(writer, staged)
  // Anything else was thrown for.
  return { schema, name, found: staged.found, inserted, rows: { before, after }, equal: true }
}

async function describeLeftOut(writer: Sql, staged: Staged, lost: number): Promise<LeftOut[]> {
  const listed = await listLeftOut(writer, staged)
  if (lost === 0) return listed
  const { schema, name } = staged.pair
  return [...listed, { schema, name, rows: lost, why: 'conflict', keys: [] }]
}

/** A ring matters where two of its tables have rows to write. */
function busyRings(cycles: readonly TablePair[][], staged: readonly Staged[]): TablePair[][] {
  const busy = (pair: TablePair) => staged.some((one) => one.pair === pair && one.found > 0)
  return cycles.filter((ring) => ring.filter(busy).length > 1)
}

function refuseEmptyColumns({ restored, onlyRestored }: TablePair, damaged: string): void {
  const empty = restored.columns.find(
    ({ name, notNull, hasDefault, identity, generated }) =>
      onlyRestored.includes(name) && notNull && !hasDefault && !identity && !generated,
  )
  if (empty !== undefined)
    throw new OperatorError('SALVAGE_COLUMN_MISSING', {
      table: tableTitle(restored),
      column: empty.name,
      damaged,
    })
}

/** A value that the column does not take, a check, an exclusion, a trigger that says no. */
async function refusing<T>(pair: TablePair, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const state = sqlState(error)
    if (!isOperatorError(error) || state === null || !/^(22|23|42|44|P0|0A|40)/.test(state)) throw error
    if (state === '42501') throw error
    const params = { table: tableTitle(pair), detail: String(error.params.detail) }
    throw new OperatorError('SALVAGE_REFUSED', params, { cause: error })
  }
}

function notesOf(pairs: readonly TablePair[], { elsewhere }: Predicate, triggersOff: boolean): string[] {
  const notes: string[] = []
  if (!triggersOff) notes.push('triggers fired for these rows: only a superuser may turn them off')
  for (const pair of pairs) {
    const title = tableTitle(pair)
    const { alwaysTriggers } = pair.restored
    if (triggersOff && alwaysTriggers.length > 0)
      notes.push(`${title}: triggers that always fire did: ${alwaysTriggers.join(', ')}`)
    if (elsewhere.includes(pair)) notes.push(`${title}: the condition says nothing about it`)
    if (pair.onlyRestored.length > 0)
      notes.push(
        `${title}: ${pair.onlyRestored.join(', ')} got its default, the damaged one has no such column`,
      )
    if (pair.onlyDamaged.length > 0)
      notes.push(`${title}: ${pair.onlyDamaged.join(', ')} was left behind, there is no such column here`)
    if (pair.key === null) notes.push(`${title}: ${pair.notes[0] ?? 'it has no primary key'}`)
  }
  return notes
}

/** One after another: they share a session. */
async function inTurn<A, B>(list: readonly A[], work: (item: A, place: number) => Promise<B>): Promise<B[]> {
  const results: B[] = []
  for (const [i, item] of list.entries()) results.push(await work(item, i))
  return results
}
