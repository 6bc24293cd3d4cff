import type Database from 'libsql'
import type { JournalEvent, NewEvent } from '../domain/event.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { ChainReport, Journal, Lease, LeaseHolder, Leases } from '../ports/journal.ts'
import { sealEvents, unsealEvent, walkChain } from './chain.ts'
import type { JournalPlace } from './damage.ts'
import {
  type EventFilter,
  insertEvents,
  iterateEvents,
  readEvents,
  readHeadRow,
  readPosition,
  visitEvents,
} from './event-rows.ts'
import { readHead, writeHead } from './head-file.ts'
import { closeDatabase, journalFile } from './open-database.ts'
import { openChecked, requireKnownSchema } from './open-journal.ts'
import { dropLease, findHolder, renewLease, requireLease, takeLease } from './sqlite-leases.ts'
import { inTransaction } from './transaction.ts'
import { translateError } from './translate-error.ts'

interface SqliteJournalOptions {
  /** Folder of everything lastgood keeps. Created (0700) when missing, unless `readOnly`. */
  home: string
  clock?: Pick<Clock, 'now'>
  /** Creates nothing, waits for nobody; a journal that does not exist reads as an empty one. */
  readOnly?: boolean
  /** For `journal verify` and `journal export`: opens, to read only, what would be refused as damaged. */
  unchecked?: boolean
  /** This program's version, for the refusal of a newer home. */
  version?: string
  /** What to turn to when the journal is damaged: the path of the runbook. */
  runbook?: string
}

/** @throws OperatorError HOME_READ_ONLY, HOME_UNREADABLE, HOME_TOO_NEW, JOURNAL_DAMAGED, DISK_FULL */
export function openSqliteJournal(options: SqliteJournalOptions): Journal & Leases {
  const place = {
    home: options.home,
    file: journalFile(options.home),
    runbook: options.runbook ?? 'lastgood runbook',
  }
  const now = () => (options.clock ?? Date).now()
  const readOnly = options.readOnly === true || options.unchecked === true
  const db = openChecked(place, { ...options, readOnly })
  return new SqliteJournal(place, db, now, readOnly)
}

/** SQLite answers at once, so every method does its work before it returns; the promises belong to the port. */
class SqliteJournal implements Journal, Leases {
  private readonly place: JournalPlace
  private readonly db: Database.Database | null
  private readonly now: () => number
  private readonly readOnly: boolean

  constructor(place: JournalPlace, db: Database.Database | null, now: () => number, readOnly: boolean) {
    this.place = place
    this.db = db
    this.now = now
    this.readOnly = readOnly
  }

  async append(events: readonly NewEvent[], fence?: Lease): Promise<JournalEvent[]> {
    return this.write((db) => {
      const now = this.now()
      const sealed = inTransaction(db, () => {
        requireKnownSchema(db, this.place)
        if (fence !== undefined) requireLease(db, fence, now)
        const fresh = sealEvents(readHeadRow(db), events, now)
        insertEvents(db, fresh)
        return fresh
      })
      const last = sealed.at(-1)
      if (last !== undefined) writeHead(this.place.home, last)
      return sealed.map(unsealEvent)
    })
  }

  async read(filter: EventFilter = {}): Promise<JournalEvent[]> {
    return this.look([], (db) => readEvents(db, filter, this.place))
  }

  async each({ after = 0 }: { after?: number }, visit: (event: JournalEvent) => void): Promise<void> {
    this.look(undefined, (db) => visitEvents(db, after, visit, this.place))
  }

  async position(service: string): Promise<number> {
    return this.look(0, (db) => readPosition(db, service))
  }

  async verify(): Promise<ChainReport> {
    // The note first: whatever is written meanwhile only puts the journal further ahead of it.
    const noted = readHead(this.place.home)
    return this.look(walkChain([], noted), (db) => walkChain(iterateEvents(db), noted))
  }

  async close(): Promise<void> {
    if (this.db?.open !== true) return
    if (this.readOnly) this.db.close()
    else closeDatabase(this.db, this.place)
  }

  async acquire(service: string, holder: string, reason: string, ttlMs: number) {
    return this.write((db) => takeLease(db, { service, holder, reason, ttlMs }, this.now()))
  }

  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    return this.write((db) => renewLease(db, lease, ttlMs, this.now()))
  }

  async release(lease: Lease): Promise<void> {
    this.write((db) => dropLease(db, lease))
  }

  async current(service: string): Promise<LeaseHolder | null> {
    return this.look(null, (db) => findHolder(db, service, this.now()))
  }

  private look<T>(empty: T, work: (db: Database.Database) => T): T {
    if (this.db === null) return empty
    try {
      return work(this.db)
    } catch (error) {
      throw translateError(error, 'read', this.place)
    }
  }

  private write<T>(work: (db: Database.Database) => T): T {
    if (this.db === null || this.readOnly) {
      throw new OperatorError('HOME_READ_ONLY', { path: this.place.home, detail: 'it was opened to be read' })
    }
    try {
      return work(this.db)
    } catch (error) {
      throw translateError(error, 'write', this.place)
    }
  }
}
