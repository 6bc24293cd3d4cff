import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { AppliedMigration, KnownMigration } from '../../../domain/migration.ts'
import { quoteTable } from '../bookkeeping.ts'
import { runDownSql } from '../down-sql.ts'
import { checksumOf, hasStatements } from '../sql-text.ts'
import type { Described, ToolAdapter, ToolWork } from '../tool.ts'

const TABLE = '_prisma_migrations'

/**
 * A folder a migration, recorded by the folder's name with the file's checksum. It has no way down: a `down.sql` beside
 * `migration.sql` is one, and lastgood runs it.
 */
export const prisma: ToolAdapter = {
  tool: 'prisma',
  // It runs without a transaction, and records one that failed as begun.
  atomic: false,
  recognises: ({ packages }) => packages.has('prisma') || packages.has('@prisma/client'),
  folders: async () => ['prisma/migrations'],
  table: async () => TABLE,
  describe,
  readApplied,
  async up({ program }) {
    await program('prisma', ['migrate', 'deploy'])
  },
  down: ({ sql, table }, migration) =>
    runDownSql(sql, migration, { table: table ?? TABLE, where: 'migration_name' }),
}

async function describe({ folder, text }: Described): Promise<KnownMigration[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return Promise.all(names.sort().map((name) => describeOne(name, folder, text)))
}

async function describeOne(name: string, folder: string, text: Described['text']): Promise<KnownMigration> {
  const known = { name, title: name, checksum: checksumOf(await text(join(name, 'migration.sql'))) }
  const there = (await readdir(join(folder, name))).includes('down.sql')
  const downSql = there ? await text(join(name, 'down.sql')) : ''
  return hasStatements(downSql) ? { ...known, down: 'sql', downSql } : { ...known, down: 'none' }
}

/** One marked as rolled back is not applied; one that never ended is, and nobody knows how far. */
async function readApplied({ sql, table }: ToolWork): Promise<AppliedMigration[]> {
  const quoted = quoteTable(table ?? TABLE)
  const [found] = await sql.query<{ there: boolean }>('SELECT to_regclass($1) IS NOT NULL AS there', [quoted])
  if (!found?.there) return []
  return sql.query<AppliedMigration>(
    `SELECT migration_name AS name, checksum, finished_at::text AS at, finished_at IS NULL AS "halfDone"
     FROM ${quoted} WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  )
}
