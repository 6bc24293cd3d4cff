import type { Checkpoint, TableContent } from '../../domain/checkpoint.ts'
import {
  type Comparison,
  isExact,
  sameTable,
  type TableName,
  type WrittenSince,
  type WrittenTable,
} from '../../domain/salvage.ts'
import { qualified } from '../postgres/identifier.ts'
import { OWN_RELATIONS } from '../postgres/own-objects.ts'
import type { Sql } from '../postgres/session.ts'
import { boundByCounts, boundWrites } from './bound-writes.ts'
import { nextTransaction } from './sides.ts'
import { type TransactionWindow, transactionWindow, writtenInside } from './transaction-window.ts'

/** What was written to the database of `sql` since the checkpoint, as far as the database alone can say. */
export async function countSince(sql: Sql, database: string, checkpoint: Checkpoint): Promise<WrittenSince> {
  const window = transactionWindow(checkpoint.snapshotXmin, await nextTransaction(sql))
  const known = checkpoint.content.tables
  const tables: WrittenTable[] = []
  const there = new Set<TableContent>()
  for (const table of await listTables(sql)) {
    const checkpointed = known.filter((one) =>
      [table, ...table.partitions].some((name) => sameTable(one, name)),
    )
    for (const one of checkpointed) there.add(one)
    tables.push(await countTable(sql, table, checkpointed, window))
  }
  for (const gone of known.filter((one) => !there.has(one))) tables.push(goneTable(gone))
  const touched = tables.filter(wasWritten)
  return {
    checkpoint: checkpoint.id,
    database,
    way: window.usable ? 'transactions' : 'counts',
    why: window.usable ? null : window.why,
    tables: touched,
    untouched: tables.length - touched.length,
  }
}

interface ListedTable extends TableName {
  partitioned: boolean
  /** At every depth: a checkpoint lists those that hold rows, and not what they are partitions of. */
  partitions: TableName[]
  /** The file of it, or of a partition, is not the one it was made with. */
  rewritten: boolean
}

/** A partitioned table as one, as it is salvaged. */
async function listTables(sql: Sql): Promise<ListedTable[]> {
  return sql.query<ListedTable>(
    `select n.nspname::text as schema, c.relname::text as name, c.relkind = 'p' as partitioned,
       (select coalesce(json_agg(json_build_object('schema', pn.nspname, 'name', p.relname)), '[]') ${PARTITIONS}) as partitions,
       c.relkind = 'r' and c.relfilenode <> c.oid
         or exists (select ${PARTITIONS} and p.relkind = 'r' and p.relfilenode <> p.oid) as rewritten
     ${OWN_RELATIONS} and c.relkind in ('r', 'p') and not c.relispartition
     order by n.nspname collate "C", c.relname collate "C"`,
  )
}

const PARTITIONS = `from pg_partition_tree(c.oid) as part join pg_class p on p.oid = part.relid
  join pg_namespace pn on pn.oid = p.relnamespace where part.relid <> c.oid`

async function countTable(
  sql: Sql,
  { schema, name, partitioned, rewritten }: ListedTable,
  checkpointed: readonly TableContent[],
  window: TransactionWindow,
): Promise<WrittenTable> {
  const young = window.usable ? writtenInside(window, 't') : 'true'
  const [row] = await sql.query<{ now: string; written: string }>(
    `select count(*)::text as now, count(*) filter (where ${young})::text as written
     from ${partitioned ? '' : 'only '}${qualified(schema, name)} as t`,
  )
  const [now, written] = [Number(row?.now), Number(row?.written)]
  const before = checkpointed.reduce((sum, { rows }) => sum + rows, 0)
  const bounds = window.usable ? boundWrites(before, now, written) : boundByCounts(before, now)
  const notes: string[] = []
  if (checkpointed.length === 0) notes.push('made since the checkpoint')
  if (window.usable && rewritten && before > 0 && written === now)
    notes.push('every row looks new: the table was written anew by DDL, or every row was updated')
  else if (window.usable && window.wrapped && written > 0)
    notes.push('at most: the transaction counter has gone round, so very old rows may look new')
  if (!(isExact(bounds.inserted) && isExact(bounds.updated) && isExact(bounds.deleted)))
    notes.push('inserts, updates and deletes can be told apart once the checkpoint is restored beside')
  return { schema, name, before, now, ...bounds, notes }
}

function goneTable({ schema, name, rows }: TableContent): WrittenTable {
  const none = { from: 0, to: 0 }
  const notes = ['the table is gone, with all its rows']
  return {
    schema,
    name,
    before: rows,
    now: null,
    inserted: none,
    updated: none,
    deleted: { from: rows, to: rows },
    notes,
  }
}

function wasWritten({ now, before, inserted, updated, deleted }: WrittenTable): boolean {
  return now === null || now !== before || inserted.to + updated.to + deleted.to > 0
}

/** The same from a comparison with the checkpoint's own rows: exact. */
export function writtenFrom(comparison: Comparison, checkpoint: Checkpoint): WrittenSince {
  const exactly = (count: number) => ({ from: count, to: count })
  const tables: WrittenTable[] = comparison.tables.map((table) => ({
    schema: table.schema,
    name: table.name,
    before: table.rows.restored,
    now: table.rows.damaged,
    inserted: exactly(table.inserted),
    updated: exactly(table.updated),
    deleted: exactly(table.deleted),
    notes: table.notes,
  }))
  for (const { rows, ...table } of comparison.onlyDamaged) {
    const notes = ['made since the checkpoint']
    const none = exactly(0)
    tables.push({
      ...table,
      before: 0,
      now: rows,
      inserted: exactly(rows),
      updated: none,
      deleted: none,
      notes,
    })
  }
  for (const table of comparison.onlyRestored)
    tables.push(goneTable({ ...table, hash: null, primaryKey: null, bytes: 0 }))
  return {
    checkpoint: checkpoint.id,
    database: comparison.damaged,
    way: 'rows',
    why: null,
    tables: tables.filter(wasWritten),
    untouched: comparison.equal,
  }
}
