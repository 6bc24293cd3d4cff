import { accessSync, closeSync, constants, existsSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'libsql'
import { systemCode } from '../errors/operator-error.ts'
import type { JournalPlace } from './damage.ts'
import { leaveToOwner } from './owner.ts'

/** How long one process waits for another's write, ms. Writes take a few ms; what waits longer hangs. */
const busyTimeoutMs = 5000

/** Creates home and file where they are missing. Says so at once when they cannot be written, rather than half way. */
export function openForWriting(place: JournalPlace): Database.Database {
  mkdirSync(place.home, { recursive: true, mode: 0o700 })
  accessSync(place.home, constants.W_OK | constants.X_OK)
  createFile(place)
  accessSync(place.file, constants.R_OK | constants.W_OK)
  const db = new Database(place.file)
  db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF`)
  return db
}

/**
 * SQLite gives its other files the rights of this one. Only ever when there is none: closing any descriptor of a file
 * gives up all the locks that this process has on it, those of another connection too.
 */
function createFile(place: JournalPlace): void {
  if (existsSync(place.file)) return
  try {
    closeSync(openSync(place.file, 'wx', 0o600))
    leaveToOwner(place.home, place.file)
  } catch (error) {
    // Another process was faster.
    if (systemCode(error) !== 'EEXIST') throw error
  }
}

/** Write-ahead log: readers never wait. Kept in the file, so it is set once. Two processes may try it at once. */
export function useWriteAheadLog(db: Database.Database): void {
  const deadline = performance.now() + busyTimeoutMs
  for (;;) {
    try {
      db.exec('PRAGMA journal_mode = WAL')
      return
    } catch (error) {
      // The one statement that does not wait for the other process by itself.
      if (systemCode(error)?.startsWith('SQLITE_BUSY') !== true || performance.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

/** Null when there is no journal. Creates none. */
export function openForReading(place: JournalPlace): Database.Database | null {
  if (fileSize(place.file) === 0) return null
  accessSync(place.file, constants.R_OK)
  const url = pathToFileURL(place.file).href
  const db = new Database(`${url}?mode=ro`)
  try {
    db.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`)
    db.prepare('SELECT 1 FROM sqlite_master').get()
    return db
  } catch (error) {
    db.close()
    // On a read-only disk SQLite cannot make the log's files. With nothing in the log, and nobody able to write, the
    // file alone is the whole truth.
    if (systemCode(error)?.startsWith('SQLITE_CANTOPEN') !== true || fileSize(`${place.file}-wal`) > 0)
      throw error
    return new Database(`${url}?mode=ro&immutable=1`)
  }
}

/** Puts the log's content into the file, unless somebody is reading or writing: then it stays where it is. */
export function closeDatabase(db: Database.Database, place: JournalPlace): void {
  try {
    if (fileSize(`${place.file}-wal`) > 0) db.exec('PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // Everything is durable in the log; the next one to close may have more luck.
  } finally {
    db.close()
  }
}

/** 0 when there is no file. */
export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

export function journalFile(home: string): string {
  return join(home, 'journal.db')
}
