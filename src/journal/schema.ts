import type Database from 'libsql'
import { type Migration, migrations } from './migrations.ts'
import { inTransaction } from './transaction.ts'

/** `version` 0: an empty file. `breakingSince`: the lowest version that may touch it. */
export interface Schema {
  version: number
  breakingSince: number
}

export function newestVersion(known: readonly Migration[] = migrations): number {
  return Math.max(...known.map((migration) => migration.version))
}

/** Null when the file is a database of something else. */
export function readSchema(db: Database.Database): Schema | null {
  const tables = db.prepare("SELECT count(*) AS n, sum(name = 'meta') AS meta FROM sqlite_master").get() as {
    n: number
    meta: number | null
  }
  if (tables.n === 0) return { version: 0, breakingSince: 0 }
  if (tables.meta === 0) return null
  const row = db.prepare('SELECT schema_version, breaking_since FROM meta').get() as
    | { schema_version: number; breaking_since: number }
    | undefined
  return row === undefined ? null : { version: row.schema_version, breakingSince: row.breaking_since }
}

/** Brings the file to the newest version known here. Two processes may come at once: the second finds it done. */
export function migrate(db: Database.Database, known: readonly Migration[] = migrations): void {
  inTransaction(db, () => {
    const before = readSchema(db) ?? { version: 0, breakingSince: 0 }
    const missing = known.filter((migration) => migration.version > before.version)
    for (const migration of missing) db.exec(migration.sql)
    const breaking = missing.filter((migration) => migration.breaking).map((migration) => migration.version)
    const last = missing.at(-1)
    if (last === undefined) return
    db.exec('DELETE FROM meta')
    db.prepare('INSERT INTO meta (schema_version, breaking_since) VALUES (?, ?)').run(
      last.version,
      Math.max(before.breakingSince, ...breaking),
    )
  })
}
