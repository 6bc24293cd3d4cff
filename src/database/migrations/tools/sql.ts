import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { KnownMigration } from '../../../domain/migration.ts'
import { inTransaction, type Sql } from '../../postgres/session.ts'
import { quoteTable, readBookkeeping } from '../bookkeeping.ts'
import { runDownSql } from '../down-sql.ts'
import { checksumOf, hasStatements, migrateSections, migrationSections } from '../sql-text.ts'
import type { Described, ToolAdapter } from '../tool.ts'

const TABLE = 'lastgood_migrations'

/**
 * Plain SQL files and no tool: lastgood runs them and keeps the record. `<name>.sql` with `<name>.down.sql` beside it
 * (or `<name>.up.sql` and `<name>.down.sql`), or both in one file under `-- Up Migration` / `-- Down Migration` or
 * `-- migrate:up` / `-- migrate:down`.
 */
export const plainSql: ToolAdapter = {
  tool: 'sql',
  atomic: true,
  // Never guessed while the release brings a tool; see choose-tool.
  recognises: () => false,
  folders: async () => ['migrations', 'db/migrations', 'sql/migrations'],
  table: async () => TABLE,
  describe,
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? TABLE, {
      name: 'name',
      at: 'applied_at',
      checksum: 'checksum',
      order: ['id'],
    }),
  async up({ sql, table, known, folder, ...work }) {
    const quoted = quoteTable(table ?? TABLE)
    await prepareTable(sql, quoted)
    const applied = await plainSql.readApplied({ sql, table, known, folder, ...work })
    const there = new Set(applied.map(({ name }) => name))
    for (const { name, title, checksum } of known.filter((migration) => !there.has(migration.name))) {
      const { up } = sectionsOf(await readFile(join(folder ?? '', title), 'utf8'))
      await inTransaction(sql, async () => {
        await sql.query(up)
        await sql.query(`INSERT INTO ${quoted} (name, checksum) VALUES ($1, $2)`, [name, checksum])
      })
    }
  },
  down: ({ sql, table }, migration) => runDownSql(sql, migration, { table: table ?? TABLE, where: 'name' }),
}

async function describe({ files, text }: Described): Promise<KnownMigration[]> {
  const ups = files.filter((file) => file.endsWith('.sql') && !file.endsWith('.down.sql'))
  return Promise.all(
    ups.map(async (file) => {
      const name = file.replace(/(\.up)?\.sql$/, '')
      const content = await text(file)
      const beside = `${name}.down.sql`
      const down = files.includes(beside) ? await text(beside) : sectionsOf(content).down
      const known = { name, title: file, checksum: checksumOf(content) }
      return down !== null && hasStatements(down)
        ? { ...known, down: 'sql', downSql: down }
        : { ...known, down: 'none' }
    }),
  )
}

function sectionsOf(text: string) {
  return /^\s*--\s*migrate:(up|down)/m.test(text) ? migrateSections(text) : migrationSections(text)
}

async function prepareTable(sql: Sql, quoted: string): Promise<void> {
  await sql.query(
    `CREATE TABLE IF NOT EXISTS ${quoted} (
      id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      name text NOT NULL UNIQUE,
      checksum text NOT NULL,
      applied_at timestamptz NOT NULL DEFAULT now()
    )`,
  )
}
