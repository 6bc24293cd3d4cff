import type { Difference } from '../../domain/salvage.ts'
import { compareKeys, type KeyOrder, type KeyPart } from './compare-keys.ts'

/** One row of a side, as far as the comparison needs it. */
export interface RowDigest {
  key: KeyPart[]
  hash: string
  /** Equal rows; more than 1 only in a table without a primary key. */
  copies: number
  /** Written after the restore. Only the restored side knows. */
  later: boolean
}

/** A side's rows, in the order of their keys, some at a time. */
export type RowStream = AsyncIterable<readonly RowDigest[]>

/** Walks two sorted sides at once. Holds one batch of each, so it does not matter how many rows there are. */
export async function* mergeRows(
  damaged: RowStream,
  restored: RowStream,
  orders: readonly KeyOrder[],
): AsyncGenerator<Difference> {
  const left = new Reader(damaged)
  const right = new Reader(restored)
  await Promise.all([left.fill(), right.fill()])
  for (;;) {
    const ours = left.row ?? (await left.fill())
    const theirs = right.row ?? (await right.fill())
    if (ours === null && theirs === null) return
    const order = ours === null ? 1 : theirs === null ? -1 : compareKeys(ours.key, theirs.key, orders)
    if (order < 0 && ours !== null) {
      yield { kind: 'inserted', key: ours.key, copies: ours.copies, changedAgain: false }
      left.advance()
    } else if (order > 0 && theirs !== null) {
      yield lonely(theirs, theirs.copies)
      right.advance()
    } else if (ours !== null && theirs !== null) {
      yield* matched(ours, theirs)
      left.advance()
      right.advance()
    }
  }
}

function* matched(ours: RowDigest, theirs: RowDigest): Generator<Difference> {
  if (ours.hash !== theirs.hash)
    yield { kind: 'updated', key: ours.key, copies: 1, changedAgain: theirs.later }
  const more = ours.copies - theirs.copies
  if (more > 0) yield { kind: 'inserted', key: ours.key, copies: more, changedAgain: false }
  if (more < 0) yield lonely(theirs, -more)
}

function lonely(row: RowDigest, copies: number): Difference {
  return { kind: row.later ? 'later' : 'deleted', key: row.key, copies, changedAgain: false }
}

/** One row ahead. Asks for the next batch while this one is read. */
class Reader {
  row: RowDigest | null = null
  readonly #batches: AsyncIterator<readonly RowDigest[]>
  #batch: readonly RowDigest[] = []
  #at = 0
  #next: Promise<IteratorResult<readonly RowDigest[]>> | null = null
  #ended = false

  constructor(stream: RowStream) {
    this.#batches = stream[Symbol.asyncIterator]()
  }

  advance(): void {
    this.#at++
    this.row = this.#batch[this.#at] ?? null
  }

  async fill(): Promise<RowDigest | null> {
    while (this.row === null && !this.#ended) {
      const { value, done } = await (this.#next ?? this.#batches.next())
      this.#next = null
      if (done) {
        this.#ended = true
      } else {
        this.#batch = value
        this.#at = 0
        this.row = value[0] ?? null
        this.#next = this.#batches.next()
        // Its error is thrown by whoever waits for it; the other side's may come first.
        this.#next.catch(() => {})
      }
    }
    return this.row
  }
}
