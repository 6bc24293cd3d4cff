import { promises as fs } from 'node:fs'
import path from 'node:path'
import { databaseUrl, drive, loadFile, namesFromRelease, tableParts } from './driver.mjs'

await drive(async ({ way, name, folder, table }) => {
  const { Kysely, Migrator, PostgresDialect } = await namesFromRelease('kysely')
  const { Pool } = await namesFromRelease('pg')
  const pool = new Pool({ connectionString: databaseUrl, max: 2 })
  pool.on('error', () => {})
  const db = new Kysely({ dialect: new PostgresDialect({ pool }) })
  const { schema, table: migrationTableName } = tableParts(table)
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => readMigrations(folder) },
    migrationTableName,
    ...(migrationTableName === 'kysely_migration'
      ? {}
      : { migrationLockTableName: `${migrationTableName}_lock` }),
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
  })
  try {
    return way === 'up' ? await goUp(migrator) : await goDown(migrator, name)
  } finally {
    await db.destroy()
  }
})

async function goUp(migrator) {
  const { error, results } = await migrator.migrateToLatest()
  if (error) throw error
  return results.map(({ migrationName }) => migrationName)
}

/** It goes by step, and skips one that has no way down: both are looked at before anything is run. */
async function goDown(migrator, name) {
  const applied = (await migrator.getMigrations()).filter(({ executedAt }) => executedAt !== undefined)
  const newest = applied.toSorted((a, b) => a.executedAt - b.executedAt || (a.name < b.name ? -1 : 1)).at(-1)
  if (newest?.name !== name) throw new Error(`the newest applied migration is ${newest?.name}, not ${name}`)
  if (typeof newest.migration.down !== 'function') throw new Error(`${name} has no down`)
  const { error, results } = await migrator.migrateDown()
  if (error) throw error
  return results.filter(({ status }) => status === 'Success').map(({ migrationName }) => migrationName)
}

/** As FileMigrationProvider reads them, with TypeScript where the release can load it. */
async function readMigrations(folder) {
  const migrations = {}
  for (const file of await fs.readdir(folder)) {
    if (!/\.(js|cjs|mjs|ts|mts|cts)$/.test(file) || /\.d\.[cm]?ts$/.test(file)) continue
    const module = await loadFile(path.resolve(folder, file))
    const migration = typeof module.default?.up === 'function' ? module.default : module
    if (typeof migration.up === 'function') migrations[path.parse(file).name] = migration
  }
  return migrations
}
