import { sameTable, type TableName } from '../../domain/salvage.ts'
import type { KeyOrder } from './compare-keys.ts'
import type { ColumnShape, TableShape } from './table-shape.ts'

/** A column that both sides have and that is no result of others. */
export interface ColumnPair {
  name: string
  damaged: ColumnShape
  restored: ColumnShape
}

/** One table on both sides, and what can be compared of it. */
export interface TablePair extends TableName {
  damaged: TableShape
  restored: TableShape
  /** In the order of the damaged side, for both. */
  columns: ColumnPair[]
  /** Null: rows are told apart by their whole content. */
  key: { column: ColumnPair; order: KeyOrder }[] | null
  onlyDamaged: string[]
  onlyRestored: string[]
  notes: string[]
}

export interface PairedTables {
  pairs: TablePair[]
  onlyDamaged: TableShape[]
  onlyRestored: TableShape[]
}

export function pairTables(damaged: readonly TableShape[], restored: readonly TableShape[]): PairedTables {
  const pairs = damaged.flatMap((ours) => {
    const theirs = restored.find((table) => sameTable(table, ours))
    return theirs === undefined ? [] : [pairTable(ours, theirs)]
  })
  const unpaired = (table: TableShape) => !pairs.some((pair) => sameTable(pair, table))
  return { pairs, onlyDamaged: damaged.filter(unpaired), onlyRestored: restored.filter(unpaired) }
}

function pairTable(damaged: TableShape, restored: TableShape): TablePair {
  const columns = damaged.columns.flatMap((ours) => {
    const theirs = restored.columns.find(({ name }) => name === ours.name)
    if (theirs === undefined || theirs.generated || ours.generated) return []
    return [{ name: ours.name, damaged: ours, restored: theirs }]
  })
  const key = commonKey(damaged, restored, columns)
  return {
    schema: damaged.schema,
    name: damaged.name,
    damaged,
    restored,
    columns,
    key,
    onlyDamaged: without(damaged.columns, restored.columns),
    onlyRestored: without(restored.columns, damaged.columns),
    notes: [...keyNotes(damaged, restored, key !== null), ...typeNotes(columns)],
  }
}

function commonKey(damaged: TableShape, restored: TableShape, columns: ColumnPair[]): TablePair['key'] {
  const names = restored.primaryKey
  if (names === null || damaged.primaryKey === null) return null
  if (names.length !== damaged.primaryKey.length || !damaged.primaryKey.every((name) => names.includes(name)))
    return null
  const key = names.flatMap((name) => columns.filter((column) => column.name === name))
  // A generated column in the key.
  if (key.length !== names.length) return null
  return key.map((column) => ({ column, order: orderOf(column) }))
}

const INTEGERS = ['int2', 'int4', 'int8', 'oid']

/** In the index's own order where both sides and we agree on it; else by the bytes of the text, which needs a sort. */
function orderOf({ damaged, restored }: ColumnPair): KeyOrder {
  const types = [damaged.baseType, restored.baseType]
  if (types.every((type) => INTEGERS.includes(type))) return 'integer'
  return types.every((type) => type === 'uuid') ? 'uuid' : 'text'
}

function keyNotes(damaged: TableShape, restored: TableShape, keyed: boolean): string[] {
  if (keyed) return []
  const has = damaged.primaryKey !== null || restored.primaryKey !== null
  const why = has ? 'its primary key is not the same on both sides' : 'it has no primary key'
  return [`${why}: rows are told apart by their whole content, so a change looks like a delete and an insert`]
}

function typeNotes(columns: ColumnPair[]): string[] {
  return columns
    .filter(({ damaged, restored }) => damaged.type !== restored.type)
    .map(
      ({ name, damaged, restored }) => `${name} is ${damaged.type} in the damaged one, ${restored.type} here`,
    )
}

function without(columns: readonly ColumnShape[], others: readonly ColumnShape[]): string[] {
  return columns.map(({ name }) => name).filter((name) => !others.some((other) => other.name === name))
}
