import type { Sql } from '../postgres/session.ts'
import type { KeyPart } from './compare-keys.ts'
import type { RowDigest } from './merge-rows.ts'
import type { TablePair } from './pair-tables.ts'
import { digestQuery, rowsQuery, type Side } from './row-sql.ts'

const DIGESTS_AT_A_TIME = 10_000
const BYTES_AT_A_TIME = 4_000_000

/** How many whole rows of a table are held in memory at once. */
export function rowsAtATime({ damaged, restored, key }: TablePair): number {
  // Without a key every batch reads the whole table.
  const most = key === null ? 10_000 : 2000
  const bytes = Math.max(damaged.bytesPerRow, restored.bytesPerRow)
  return Math.max(10, Math.min(most, Math.floor(BYTES_AT_A_TIME / Math.max(1, bytes))))
}

/** Keys and hashes through a cursor: a side may have any number of rows. One at a time in a session. */
export async function* readDigests(
  sql: Sql,
  pair: TablePair,
  side: Side,
  later: string,
  buckets: readonly number[] | null,
): AsyncGenerator<RowDigest[]> {
  const cursor = `lastgood_${side}`
  const width = pair.key?.length ?? 1
  await sql.query(`declare ${cursor} no scroll cursor for ${digestQuery(pair, side, later, buckets)}`)
  for (;;) {
    const rows = await sql.query<RowDigest & Record<string, KeyPart>>(
      `fetch ${DIGESTS_AT_A_TIME} from ${cursor}`,
    )
    if (rows.length === 0) break
    yield rows.map((row) => ({
      key: partsOf(row, 'k', width),
      hash: row.hash,
      copies: row.copies,
      later: row.later,
    }))
  }
  await sql.query(`close ${cursor}`)
}

export interface WholeRow {
  key: KeyPart[]
  hash: string
  /** In the order of the pair's columns; null is NULL. */
  values: KeyPart[]
}

/** The whole rows of these keys, in their order; a key without a row is left out. */
export async function readRows(
  sql: Sql,
  pair: TablePair,
  side: Side,
  keys: readonly (readonly KeyPart[])[],
): Promise<WholeRow[]> {
  const rows = await sql.query<Record<string, KeyPart>>(rowsQuery(pair, side), keyColumns(pair, keys))
  const found = new Map<string, WholeRow>()
  for (const row of rows) {
    const hash = row.hash ?? ''
    const key = pair.key === null ? [hash] : partsOf(row, 'k', pair.key.length)
    found.set(JSON.stringify(key), { key, hash, values: partsOf(row, 'v', pair.columns.length) })
  }
  return keys.flatMap((key) => found.get(JSON.stringify(key)) ?? [])
}

/** Keys as the server takes them: an array a column. */
export function keyColumns(pair: TablePair, keys: readonly (readonly KeyPart[])[]): KeyPart[][] {
  const width = pair.key?.length ?? 1
  return Array.from({ length: width }, (_, i) => keys.map((key) => key[i] ?? null))
}

function partsOf(row: Record<string, KeyPart>, letter: string, width: number): KeyPart[] {
  return Array.from({ length: width }, (_, i) => row[`${letter}${i}`] ?? null)
}
