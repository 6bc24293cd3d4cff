import type Database from 'libsql'

/** Takes the write lock at once, so that what `work` reads is still true when it writes. */
export function inTransaction<T>(db: Database.Database, work: () => T): T {
  db.exec('BEGIN IMMEDIATE')
  try {
    const result = work()
    db.exec('COMMIT')
    return result
  } catch (error) {
    rollBack(db)
    throw error
  }
}

/** After a full disk SQLite has already rolled back, and says there is nothing to roll back. The first error matters. */
function rollBack(db: Database.Database): void {
  try {
    db.exec('ROLLBACK')
  } catch {
    return
  }
}
