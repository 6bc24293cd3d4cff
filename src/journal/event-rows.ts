import type Database from 'libsql'
import type { JournalEvent } from '../domain/event.ts'
import { type ChainHead, emptyChain, type SealedEvent, unsealEvent } from './chain.ts'
import { type JournalPlace, journalDamaged } from './damage.ts'

export function readLast(db: Database.Database): SealedEvent | null {
  return firstOf(db.prepare('SELECT seq, body, hash FROM events ORDER BY seq DESC LIMIT 1').get())
}

export function readOne(db: Database.Database, seq: number): SealedEvent | null {
  return firstOf(db.prepare('SELECT seq, body, hash FROM events WHERE seq = ?').get(seq))
}

export function readHeadRow(db: Database.Database): ChainHead {
  return firstOf(db.prepare('SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1').get()) ?? emptyChain
}

export function iterateEvents(db: Database.Database): Iterable<SealedEvent> {
  return db.prepare('SELECT seq, body, hash FROM events ORDER BY seq').iterate() as Iterable<SealedEvent>
}

export interface EventFilter {
  service?: string
  after?: number
  seqs?: readonly number[]
}

/** Only two columns leave SQLite: with 25,000 events, crossing over costs more than parsing. */
export function readEvents(
  db: Database.Database,
  { service, after = 0, seqs }: EventFilter,
  place: JournalPlace,
): JournalEvent[] {
  const conditions = ['seq > ?']
  const values: (number | string)[] = [after]
  if (service !== undefined) {
    conditions.push('service = ?')
    values.push(service)
  }
  if (seqs !== undefined) {
    conditions.push('seq IN (SELECT value FROM json_each(?))')
    values.push(JSON.stringify(seqs))
  }
  const query = `SELECT body, hash FROM events WHERE ${conditions.join(' AND ')} ORDER BY seq`
  return unsealAll(db.prepare(query).all(...values) as SealedEvent[], after, place)
}

/** What crosses over at once: more saves no time, and would have to be held. */
const AT_ONCE = 1_000

export function visitEvents(
  db: Database.Database,
  after: number,
  visit: (event: JournalEvent) => void,
  place: JournalPlace,
): void {
  const next = db.prepare('SELECT seq, body, hash FROM events WHERE seq > ? ORDER BY seq LIMIT ?')
  let last = after
  for (;;) {
    const rows = next.all(last, AT_ONCE) as SealedEvent[]
    for (const event of unsealAll(rows, last, place)) visit(event)
    last = rows.at(-1)?.seq ?? last
    if (rows.length < AT_ONCE) return
  }
}

function unsealAll(rows: readonly SealedEvent[], after: number, place: JournalPlace): JournalEvent[] {
  return rows.map((row, index) => {
    try {
      return unsealEvent(row)
    } catch (error) {
      throw journalDamaged(
        place,
        `an event cannot be read (number ${index + 1} of those after ${after})`,
        error,
      )
    }
  })
}

export function insertEvents(db: Database.Database, events: readonly SealedEvent[]): void {
  const insert = db.prepare('INSERT INTO events (seq, body, hash) VALUES (?, ?, ?)')
  for (const event of events) insert.run(event.seq, event.body, event.hash)
}

export function readPosition(db: Database.Database, service: string): number {
  const row = db.prepare('SELECT max(seq) AS seq FROM events WHERE service = ?').get(service) as {
    seq: number | null
  }
  return row.seq ?? 0
}

// The rows are our own writing, and what they hold is checked by its hash.
function firstOf<Row>(row: unknown): Row | null {
  return (row as Row | undefined) ?? null
}
