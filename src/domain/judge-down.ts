import type { CatalogObject, DatabaseContent, TableContent } from './checkpoint.ts'
import { compareContent } from './compare-content.ts'
import type { Loss } from './proof.ts'

export interface TrialContent {
  content: DatabaseContent
  columns: ColumnContent[]
}

/** The values of one column, whatever the order of the rows. */
export interface ColumnContent {
  /** `schema.table` */
  table: string
  column: string
  /** That are not null. */
  values: number
  hash: string
}

export interface DownStates {
  before: TrialContent
  /** After `up`, with the columns of the tables that it changed. */
  up: TrialContent
  /** After both releases' checks have written their rows; columns as in `up`. */
  written: TrialContent
  after: TrialContent
}

export interface DownJudgement {
  lost: Loss[]
  /** What is not as it was, other than by losing what the release brought. */
  differences: string[]
}

/**
 * Whether taking the migrations down leads back to what was before them, on rows that the new release has written as well.
 * The schema by catalogue, the order of columns apart. Rows of a table that the migrations left alone must be those that
 * were there when the down began; of a table that they changed each column is looked at by itself.
 */
export function judgeDown({ before, up, written, after }: DownStates): DownJudgement {
  const lost = countLost(written, after)
  const touched = new Set(touchedTables(before.content, up.content))
  const wrote = new Set(changedRows(up.content, written.content))
  const differences = compareContent(before.content, after.content, { rows: false, columnOrder: false })
  const had = before.content.extensions.map(({ name }) => name)
  for (const { name } of after.content.extensions)
    if (!had.includes(name)) differences.push(`extension ${name} should not be there`)

  for (const table of before.content.tables) {
    const name = nameOf(table)
    const now = findTable(after.content, name)
    // That it is not there at all is said by the comparison of the schema.
    if (now === undefined) continue
    if (touched.has(name))
      differences.push(...judgeTouched(name, { before, up, written, after }, wrote.has(name)))
    else differences.push(...judgeUntouched(table, written.content, now))
  }
  return { lost, differences }
}

/** What the way down took with it that was there when it began: columns, tables, rows. */
export function countLost(written: TrialContent, after: TrialContent): Loss[] {
  const left = new Map(after.content.tables.map((table) => [nameOf(table), table]))
  const cameBack = new Set([...left.values()].filter(notIn(written.content)).map(tableKey))
  const losses: Loss[] = []
  for (const table of written.content.tables) {
    const name = nameOf(table)
    const now = left.get(name)
    // Under another name it is not lost: a table that was put aside comes back like that.
    if (now === undefined && cameBack.has(tableKey(table))) continue
    if (now === undefined)
      losses.push({ what: `the rows of ${name}`, rows: table.rows, whole: { table: name, column: null } })
    else losses.push(...lostIn(name, table.rows - now.rows, written.columns, after.columns))
  }
  return losses.filter(({ rows }) => rows > 0)
}

function lostIn(
  table: string,
  rows: number,
  written: readonly ColumnContent[],
  after: readonly ColumnContent[],
): Loss[] {
  const now = after.filter((column) => column.table === table)
  const then = written.filter((column) => column.table === table)
  const cameBack = now.filter(({ column }) => !then.some((other) => other.column === column)).map(columnKey)
  const gone = then.filter((column) => !now.some((other) => other.column === column.column))
  const dropped = now.length === 0 ? [] : gone.filter((column) => !cameBack.includes(columnKey(column)))
  const emptied = then.flatMap(({ column, values }) => {
    const other = now.find((each) => each.column === column)
    const missing = other === undefined ? 0 : values - other.values - Math.max(0, rows)
    return missing > 0 ? [{ what: `the values in ${table}.${column}`, rows: missing }] : []
  })
  return [
    { what: `the rows of ${table}`, rows },
    ...dropped.map(({ column, values }) => ({
      what: `the values in ${table}.${column}`,
      rows: values,
      whole: { table, column },
    })),
    ...emptied,
  ]
}

function judgeUntouched(table: TableContent, written: DatabaseContent, now: TableContent): string[] {
  const name = nameOf(table)
  const then = findTable(written, name)
  if (then === undefined || now.hash === then.hash) return []
  const kept = Math.min(table.rows, then.rows)
  if (now.rows < kept) return [gone(`table ${name}`, kept - now.rows, table.rows, 'rows')]
  // What the checks wrote and the down took with it is counted as lost.
  if (now.rows < then.rows) return []
  return [`table ${name} has other rows than when the down began, and no migration changes its columns`]
}

/** Its columns as they were before `up`. What the checks wrote and the down took with it is counted as lost, and no difference. */
function judgeTouched(table: string, states: DownStates, wrote: boolean): string[] {
  const [before, up, written, after] = [states.before, states.up, states.written, states.after].map((state) =>
    findTable(state.content, table),
  )
  if (before === undefined || after === undefined) return []
  const cameBack = states.written.content.tables.some((other) => tableKey(other) === tableKey(after))
  if (up === undefined && cameBack) return []
  const kept = written === undefined ? before.rows : Math.min(before.rows, written.rows)
  if (after.rows < kept) return [gone(`table ${table}`, kept - after.rows, before.rows, 'rows')]
  return states.before.columns
    .filter((column) => column.table === table)
    .flatMap((column) => judgeColumn(column, states, wrote))
}

function judgeColumn(before: ColumnContent, states: DownStates, wrote: boolean): string[] {
  const [up, written, after] = [states.up, states.written, states.after].map((state) =>
    state.columns.find(({ table, column }) => table === before.table && column === before.column),
  )
  if (after === undefined) return []
  const name = `column ${before.table}.${before.column}`
  const kept = wrote && written !== undefined ? Math.min(before.values, written.values) : before.values
  if (after.values < kept) return [gone(name, kept - after.values, before.values, 'values')]
  const changedByUp = up !== undefined && up.hash !== before.hash
  if (!wrote) {
    if (after.hash === before.hash) return []
    const why = changedByUp
      ? 'the way up has changed them, and the way down does not change them back'
      : 'after it'
    return [`${name} has other values than before: ${why}`]
  }
  const comparable = written !== undefined && !changedByUp && after.values === written.values
  return comparable && after.hash !== written.hash
    ? [`${name} has other values than when the down began`]
    : []
}

function gone(what: string, count: number, of: number, noun: string): string {
  return `${what}: ${count} of ${of} ${noun} that were there before are gone for good`
}

/** Tables of `before` whose columns or rows `after` has otherwise. */
export function touchedTables(before: DatabaseContent, after: DatabaseContent): string[] {
  const shape = (content: DatabaseContent, table: string) =>
    content.catalog
      .filter(({ kind, name }) => kind === 'column' && name.startsWith(`${table}.`))
      .map(({ name, definition }) => `${name} ${definition}`)
      .join('\n')
  const rows = new Set(changedRows(before, after))
  return before.tables
    .map(nameOf)
    .filter((name) => rows.has(name) || shape(before, name) !== shape(after, name))
}

/** Tables of either that do not have the same rows in both. */
function changedRows(one: DatabaseContent, other: DatabaseContent): string[] {
  const hashes = new Map(one.tables.map((table) => [nameOf(table), tableKey(table)]))
  const changed = other.tables.filter((table) => hashes.get(nameOf(table)) !== tableKey(table)).map(nameOf)
  return [...changed, ...one.tables.filter(notIn(other)).map(nameOf)]
}

/** Without what the migration tool keeps its own record in. `table`: `name` or `schema.name`. */
export function withoutBookkeeping(content: DatabaseContent, table: string | null): DatabaseContent {
  if (table === null) return content
  const [first = '', second] = table.split('.')
  const schema = second === undefined ? 'public' : first
  const own = [second ?? first, `${second ?? first}_lock`].map((name) => `${schema}.${name}`)
  const within = (name: string) => own.some((mine) => name === mine || name.startsWith(`${mine}.`))
  const made = (name: string) => within(name) || own.some((mine) => name.startsWith(`${mine}_`))
  const belongs = ({ kind, name, definition }: CatalogObject) =>
    within(name) ||
    (name === schema && schema !== 'public') ||
    (kind === 'index' && own.some((mine) => definition.includes(` ON ${mine} `))) ||
    (['sequence', 'owner', 'grants'].includes(kind) && made(name))
  return {
    ...content,
    tables: content.tables.filter((each) => !own.includes(nameOf(each))),
    sequences: content.sequences.filter((each) => !made(nameOf(each))),
    catalog: content.catalog.filter((object) => !belongs(object)),
  }
}

const findTable = (content: DatabaseContent, name: string) =>
  content.tables.find((table) => nameOf(table) === name)
const nameOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`
const tableKey = ({ rows, hash }: TableContent) => `${rows} ${hash}`
const columnKey = ({ values, hash }: ColumnContent) => `${values} ${hash}`
const notIn = (content: DatabaseContent) => (table: TableContent) =>
  !content.tables.some((other) => nameOf(other) === nameOf(table))
