import type { Difference, ExportedFile, ExportSummary } from '../../domain/salvage.ts'
import { compareDatabases } from './compare-databases.ts'
import { csvLine } from './csv.ts'
import { ExportFile, prepareExport, writeSummary } from './export-folder.ts'
import { exportName } from './export-names.ts'
import { orderPairs } from './order-pairs.ts'
import { pairTables, type TablePair } from './pair-tables.ts'
import { readRows, rowsAtATime, type WholeRow } from './read-rows.ts'
import type { OpenSides } from './sides.ts'
import { commentLine, insertStatement, SQL_HEAD, SQL_TAIL } from './sql-file.ts'
import { readTables } from './table-shape.ts'

export async function exportTables(
  sides: OpenSides,
  folder: string,
  { at, crash }: { at: string; crash(point: string): void },
): Promise<ExportSummary> {
  await prepareExport(folder)
  const { pairs } = pairTables(await readTables(sides.damaged), await readTables(sides.restored))
  const places = orderPairs(pairs).order
  const files: ExportedFile[] = []
  let current: TableFiles | null = null

  async function finish(): Promise<void> {
    if (current === null) return
    files.push(...(await current.finish()))
    current = null
    crash('salvage/table-exported')
  }

  try {
    const comparison = await compareDatabases(sides, {
      batchSize: rowsAtATime,
      async receive(pair, differences) {
        const place = places.findIndex(({ schema, name }) => schema === pair.schema && name === pair.name)
        if (current?.place !== place + 1) await finish()
        current ??= new TableFiles(folder, place + 1, pair)
        await current.add(sides, differences)
      },
    })
    await finish()
    files.sort((a, b) => (a.name < b.name ? -1 : 1))
    await writeSummary(folder, { madeBy: 'lastgood salvage', at, ...comparison, files })
    return { folder, comparison, files }
  } finally {
    await discard(current)
  }
}

/** Through a parameter: the compiler cannot see that a callback sets it. */
async function discard(files: TableFiles | null): Promise<void> {
  await files?.discard()
}

/** The files of one table, each made when there is something to write. */
class TableFiles {
  readonly place: number
  readonly #pair: TablePair
  readonly #columns: string[]
  readonly #inserted: ExportFile
  readonly #updated: ExportFile
  readonly #deleted: ExportFile
  readonly #sql: ExportFile

  constructor(folder: string, place: number, pair: TablePair) {
    const name = exportName(place, pair)
    this.place = place
    this.#pair = pair
    this.#columns = pair.columns.map((column) => column.name)
    const head = csvLine(this.#columns)
    this.#inserted = new ExportFile(folder, `${name}.inserted.csv`, head)
    this.#updated = new ExportFile(folder, `${name}.updated.csv`, csvLine(['database', ...this.#columns]))
    this.#deleted = new ExportFile(folder, `${name}.deleted.csv`, head)
    this.#sql = new ExportFile(folder, `${name}.sql`, SQL_HEAD)
  }

  async add(sides: OpenSides, differences: readonly Difference[]): Promise<void> {
    const of = (kind: Difference['kind']) => differences.filter((difference) => difference.kind === kind)
    await this.#addInserted(sides, of('inserted'))
    await this.#addUpdated(sides, of('updated'))
    await this.#addDeleted(sides, of('deleted'))
  }

  async finish(): Promise<ExportedFile[]> {
    const files = [
      await this.#inserted.finish(),
      await this.#updated.finish(),
      await this.#deleted.finish(),
      await this.#sql.finish(SQL_TAIL),
    ]
    return files.filter((file) => file !== null)
  }

  async discard(): Promise<void> {
    for (const file of [this.#inserted, this.#updated, this.#deleted, this.#sql]) await file.discard()
  }

  async #addInserted(sides: OpenSides, differences: readonly Difference[]): Promise<void> {
    const rows = await this.#rowsOf(sides, 'damaged', differences)
    if (rows.length === 0) return
    await this.#inserted.write(rows.map(({ values }) => csvLine(values)).join(''), rows.length)
    const statements = rows.map(({ values }) => insertStatement(this.#pair, this.#columns, values))
    await this.#sql.write(statements.join(''), rows.length)
  }

  /** Both versions of each row, one below the other: which is right is for a person to say. */
  async #addUpdated(sides: OpenSides, differences: readonly Difference[]): Promise<void> {
    const ours = await this.#rowsOf(sides, 'damaged', differences)
    const theirs = await this.#rowsOf(sides, 'restored', differences)
    if (ours.length === 0) return
    const lines = ours.map((row, i) => {
      const other = theirs[i]?.values ?? []
      return csvLine(['damaged', ...row.values]) + csvLine(['restored', ...other])
    })
    await this.#updated.write(lines.join(''), ours.length)
    const comments = ours.map((row, i) =>
      commentLine('UPDATE', { key: row.key, ...this.#changed(row, theirs[i] ?? row) }),
    )
    await this.#sql.write(comments.join(''), 0)
  }

  async #addDeleted(sides: OpenSides, differences: readonly Difference[]): Promise<void> {
    const rows = await this.#rowsOf(sides, 'restored', differences)
    if (rows.length === 0) return
    await this.#deleted.write(rows.map(({ values }) => csvLine(values)).join(''), rows.length)
    await this.#sql.write(rows.map(({ key }) => commentLine('DELETE', { key })).join(''), 0)
  }

  /** Rows of a table without a key as often as they are missing. */
  async #rowsOf(
    sides: OpenSides,
    side: 'damaged' | 'restored',
    differences: readonly Difference[],
  ): Promise<WholeRow[]> {
    if (differences.length === 0) return []
    const keys = differences.map(({ key }) => key)
    const rows = await readRows(sides[side], this.#pair, side, keys)
    if (this.#pair.key !== null) return rows
    return rows.flatMap((row, i) => Array.from({ length: differences[i]?.copies ?? 1 }, () => row))
  }

  #changed(ours: WholeRow, theirs: WholeRow): Record<'damaged' | 'restored', Record<string, string | null>> {
    const changed = this.#columns
      .map((name, i) => ({ name, i }))
      .filter(({ i }) => ours.values[i] !== theirs.values[i])
    const pick = (row: WholeRow) =>
      Object.fromEntries(changed.map(({ name, i }) => [name, row.values[i] ?? null]))
    return { damaged: pick(ours), restored: pick(theirs) }
  }
}
