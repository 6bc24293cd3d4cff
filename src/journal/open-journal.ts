import type Database from 'libsql'
import { OperatorError } from '../errors/operator-error.ts'
import { type ChainHead, disagreesWithNote, emptyChain, findBreak, tailMissing } from './chain.ts'
import { type JournalPlace, journalDamaged } from './damage.ts'
import { readLast, readOne } from './event-rows.ts'
import { readHead } from './head-file.ts'
import { fileSize, openForReading, openForWriting, useWriteAheadLog } from './open-database.ts'
import { migrate, newestVersion, readSchema, type Schema } from './schema.ts'
import { translateError } from './translate-error.ts'

/** No SQLite database is shorter, bytes. */
const smallestPage = 512

interface OpenOptions {
  readOnly: boolean
  unchecked?: boolean
  version?: string
}

/** Null: there is no journal, and it was to be read only. Leaves nothing open when it throws. */
export function openChecked(place: JournalPlace, options: OpenOptions): Database.Database | null {
  // Read before the database: the note is never ahead of what was committed when it was read.
  const noted = readHead(place.home)
  let db: Database.Database | null = null
  try {
    const size = fileSize(place.file)
    if (size === 0 && options.unchecked !== true) refuse(place, tailMissing(emptyChain, noted))
    // SQLite takes some such files for empty ones, and waits for a lock on others.
    if (size > 0 && size < smallestPage) throw journalDamaged(place, `it is cut off after ${size} bytes`)
    db = options.readOnly ? openForReading(place) : openForWriting(place)
    if (db === null) return null
    const schema = bringUpToDate(db, place, options)
    if (schema.version === 0) return closeEmpty(db)
    if (options.unchecked !== true) refuse(place, findDamage(db, noted))
    return db
  } catch (error) {
    db?.close()
    throw translateError(error, options.readOnly ? 'read' : 'write', place)
  }
}

/** A running process of an older version must stop writing once a newer one has made that unsafe. */
export function requireKnownSchema(db: Database.Database, place: JournalPlace, version?: string): Schema {
  const schema = readSchema(db)
  if (schema === null) throw journalDamaged(place, 'it is a database of something else')
  if (schema.breakingSince > newestVersion()) {
    throw new OperatorError('HOME_TOO_NEW', {
      path: place.home,
      version: version ?? `schema ${newestVersion()}`,
      schema: schema.version,
    })
  }
  return schema
}

/** Created a moment ago by a process that has not come further, or never did. */
function closeEmpty(db: Database.Database): null {
  db.close()
  return null
}

function bringUpToDate(db: Database.Database, place: JournalPlace, options: OpenOptions): Schema {
  const schema = requireKnownSchema(db, place, options.version)
  if (options.readOnly || schema.version >= newestVersion()) return schema
  if (schema.version === 0) useWriteAheadLog(db)
  migrate(db)
  return requireKnownSchema(db, place, options.version)
}

/** The cheap part of `verify`: the newest event, what it was chained to, and the event that the note names. */
function findDamage(db: Database.Database, noted: ChainHead | null): string | null {
  const last = readLast(db)
  if (last === null) return tailMissing(emptyChain, noted)
  const before = last.seq === 1 ? emptyChain : readOne(db, last.seq - 1)
  if (before === null) return `event ${last.seq - 1} is missing`
  const broken = findBreak(before, last) ?? tailMissing(last, noted)
  if (broken !== null || noted === null || noted.seq === 0) return broken
  const named = readOne(db, noted.seq)
  return named === null ? `event ${noted.seq} is missing` : disagreesWithNote(named, noted)
}

function refuse(place: JournalPlace, damage: string | null): void {
  if (damage !== null) throw journalDamaged(place, damage)
}
