/** A table by its two names, neither of them quoted. */
export interface TableName {
  schema: string
  name: string
}

/** How many, as far as it can be known: `from` and `to` are equal when it is exact. */
export interface Bound {
  from: number
  to: number
}

/** What happened to one table since a checkpoint. */
export interface WrittenTable extends TableName {
  /** Rows in the checkpoint; 0: the table was not there. */
  before: number
  /** Rows now; null: the table is gone. */
  now: number | null
  inserted: Bound
  updated: Bound
  deleted: Bound
  /** What the reader must know to believe the figures. */
  notes: string[]
}

/** What was written to the live database since a checkpoint. Tables that nobody wrote to are left out. */
export interface WrittenSince {
  checkpoint: string
  database: string
  /** `transactions`: by the transaction that wrote each row; `rows`: row by row against a restored copy; `counts`: row counts only. */
  way: 'transactions' | 'rows' | 'counts'
  /** Why the transactions could not be used; null: they were. */
  why: string | null
  tables: WrittenTable[]
  /** Tables that nobody wrote to. */
  untouched: number
}

export type DifferenceKind = 'inserted' | 'updated' | 'deleted' | 'later'

/** One row that is not the same on both sides. */
export interface Difference {
  kind: DifferenceKind
  /** The primary key's columns as text; for a table without one, the row's hash. Null only where the key was dropped. */
  key: (string | null)[]
  /** More than 1 only in a table without a primary key: that many equal rows. */
  copies: number
  /** `updated`: the restored row was itself written again after the restore. */
  changedAgain: boolean
}

/** One table of a damaged database against the same table of the restored one. */
export interface TableComparison extends TableName {
  /** Column names; null: the table has none, and its rows are told apart by their whole content. */
  primaryKey: string[] | null
  rows: { damaged: number; restored: number }
  /** Only in the damaged one: written after the checkpoint. */
  inserted: number
  /** On both sides, with another content. */
  updated: number
  /** Only in the restored one: deleted after the checkpoint. */
  deleted: number
  /** Only in the restored one, and written after the restore: nothing to do with the damage. */
  later: number
  /** The first of each kind, for a reader. */
  samples: Record<DifferenceKind, (string | null)[][]>
  /** Columns that cannot be compared, because only one side has them. */
  columns: { onlyDamaged: string[]; onlyRestored: string[] }
  notes: string[]
}

export interface Comparison {
  damaged: string
  restored: string
  /** Only tables that differ. */
  tables: TableComparison[]
  /** Tables that both have, and that hold the same rows. */
  equal: number
  onlyDamaged: (TableName & { rows: number })[]
  onlyRestored: (TableName & { rows: number })[]
}

/** A damaged database that is kept. */
export interface KeptDatabase {
  database: string
  /** When it was taken out of service. */
  at: string
  comment: string | null
}

export interface ExportedFile {
  name: string
  bytes: number
  rows: number
  sha256: string
}

export interface ExportSummary {
  folder: string
  comparison: Comparison
  files: ExportedFile[]
}

/** Rows of one table that do not come back, with the first of them by key. */
export interface LeftOut extends TableName {
  rows: number
  /** `predicate`: the operator named them · `parent`: what they refer to is left out · `conflict`: something else has their place. */
  why: 'predicate' | 'parent' | 'conflict'
  keys: (string | null)[][]
}

export interface ReinsertedTable extends TableName {
  /** Rows found in the damaged database and not in the restored one. */
  found: number
  /** Written by this run. */
  inserted: number
  rows: { before: number; after: number }
  /** Inserted rows are the damaged database's, to the last column. */
  equal: boolean
}

export interface MovedSequence extends TableName {
  from: string
  to: string
}

export interface Reinsertion {
  damaged: string
  restored: string
  /** In the order they were written. */
  tables: ReinsertedTable[]
  leftOut: LeftOut[]
  sequences: MovedSequence[]
  /** Triggers of the tables did not fire. */
  triggersOff: boolean
  /** Updates and deletes of the same tables: listed, never guessed. */
  untouched: (TableName & { updated: number; deleted: number })[]
  notes: string[]
  ms: number
}

export function sameTable(a: TableName, b: TableName): boolean {
  return a.schema === b.schema && a.name === b.name
}

/** `public.orders` -> `orders`: as people say it. */
export function tableTitle({ schema, name }: TableName): string {
  return schema === 'public' ? name : `${schema}.${name}`
}

export function isExact({ from, to }: Bound): boolean {
  return from === to
}

/** `orders, "my table"` -> `['orders', 'my table']`: a comma inside double quotes belongs to the name. */
export function splitTableNames(text: string): string[] {
  const names: string[] = []
  let name = ''
  let quoted = false
  for (const piece of text.match(/""|"|,|[^",]+/g) ?? []) {
    if (piece === '"') quoted = !quoted
    else if (piece === '""') name += quoted ? '"' : ''
    else if (piece === ',' && !quoted) names.push(name)
    else name += piece
    if (piece === ',' && !quoted) name = ''
  }
  return [...names, name].map((each) => each.trim()).filter((each) => each !== '')
}

/** `orders 7 new, 0 to 2 changed; sessions 9 new` */
export function describeWritten(tables: readonly WrittenTable[]): string {
  return tables.map(describeTable).join('; ')
}

function describeTable(table: WrittenTable): string {
  const parts = [
    [table.inserted, 'new'],
    [table.updated, 'changed'],
    [table.deleted, 'deleted'],
  ] as const
  const said = parts
    .filter(([{ to }]) => to > 0)
    .map(([{ from, to }, word]) => `${from === to ? to : `${from} to ${to}`} ${word}`)
  return `${tableTitle(table)} ${said.join(', ')}`
}
