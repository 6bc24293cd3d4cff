import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/open-lab.ts'
import type { Postgres } from '../../lab/postgres/start-postgres.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { createMigrations, type MigrationParts } from '../../src/database/migrations/migrations.ts'
import type { MigrationSettings } from '../../src/database/migrations/tool.ts'
import type { MigrationTool } from '../../src/domain/configuration.ts'
import type { KnownMigration, ReleaseSchema } from '../../src/domain/migration.ts'
import type { Command } from '../../src/ports/command-runner.ts'
import type { MigrationFiles, Migrations } from '../../src/ports/migrations.ts'
import { makeRelease } from './migration-tools.ts'

export const DRIVERS = fileURLToPath(new URL('../../src/database/migrations/drivers', import.meta.url))
const PLAIN: MigrationSettings = { tool: null, folder: null, table: null, commands: null }
const OWN_COMMANDS: MigrationSettings = {
  ...PLAIN,
  commands: {
    up: ['node', 'migrate.cjs', 'up'],
    down: ['node', 'migrate.cjs', 'down'],
    status: ['node', 'migrate.cjs', 'status'],
  },
}

export interface DescribedRelease {
  files: MigrationFiles
  schema: ReleaseSchema
}

/** A database with a thousand rows on the old release's schema, and both releases, built. */
export interface MigrationShop {
  database: string
  url: string
  migrations: Migrations
  old: DescribedRelease
  fresh: DescribedRelease
  /** What was started, in order. */
  commands: Command[]
  /** Reads a release again, after its files were changed. */
  describe(release: DescribedRelease): Promise<DescribedRelease>
  target: readonly KnownMigration[]
  tables(): Promise<string[]>
  rows(): Promise<number>
  applied(): Promise<string[]>
}

let opened = 0
/** Whose old schema a server has already: the tool brings it there once, and each shop after the first is a copy. */
const brought = new WeakMap<Postgres, Set<MigrationTool>>()

export async function openShop(
  { lab, postgres, modules }: { lab: Lab; postgres: Postgres; modules: string },
  tool: MigrationTool,
  changes: Partial<MigrationParts> = {},
): Promise<MigrationShop> {
  const database = `shop ${++opened}`
  const ready = `old schema by ${tool}`
  const tools = brought.get(postgres) ?? new Set()
  brought.set(postgres, tools)
  const url = await postgres.createDatabase(database, tools.has(tool) ? ready : undefined)
  const commands: Command[] = []
  const runner = new ExecaRunner()
  const migrations = createMigrations({
    url,
    settings: settingsFor(tool),
    runner: {
      run(command) {
        commands.push(command)
        return runner.run(command)
      },
    },
    drivers: DRIVERS,
    crash: () => {},
    ...changes,
  })
  const read = async (files: MigrationFiles) => {
    const schema = await migrations.describe(files)
    if (schema === null) throw new Error(`no migrations were recognised in ${files.directory}`)
    return { files, schema }
  }
  const build = async (version: 'old' | 'new') => {
    const folder = join(lab.dir, 'releases', `${opened}-${version}`)
    const directory = await makeRelease(tool, version, folder, modules)
    return read({ directory, env: { ...lab.env, DATABASE_URL: url } })
  }
  const [old, fresh] = [await build('old'), await build('new')]
  if (!tools.has(tool)) {
    if (tool === 'prisma') await actAsPrisma(postgres, database, old.schema)
    else await migrations.up({ ...old, signal: AbortSignal.timeout(60_000) })
    await postgres.query(database, "insert into t select i, 'row ' || i from generate_series(1, 1000) i")
    await postgres.createDatabase(ready, database)
    tools.add(tool)
  }
  return {
    database,
    url,
    migrations,
    old,
    fresh,
    commands,
    describe: ({ files }) => read(files),
    target: old.schema.migrations,
    async tables() {
      const rows = await postgres.query<{ name: string }>(
        database,
        "select tablename as name from pg_tables where tablename in ('t', 'extra', 'more') order by 1",
      )
      return rows.map(({ name }) => name)
    },
    async rows() {
      const [row] = await postgres.query<{ n: number }>(database, 'select count(*)::int as n from t')
      return row?.n ?? 0
    },
    applied: async () => (await migrations.applied(fresh.schema, fresh)).map(({ name }) => name),
  }
}

export function settingsFor(tool: MigrationTool): MigrationSettings {
  if (tool === 'commands') return OWN_COMMANDS
  return tool === 'sql' ? { ...PLAIN, tool } : PLAIN
}

/** Prisma's engine cannot be had here: its table as it makes it, and its files as it would run them. */
export async function actAsPrisma(
  postgres: Postgres,
  database: string,
  { migrations }: ReleaseSchema,
  up?: (name: string) => Promise<string>,
): Promise<void> {
  await postgres.query(
    database,
    `create table if not exists _prisma_migrations (
      id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
      migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
      started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`,
  )
  for (const { name, checksum } of migrations) {
    const sql =
      up === undefined ? 'create table t (id integer primary key, name text not null)' : await up(name)
    await postgres.query(database, sql)
    await postgres.query(
      database,
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values (gen_random_uuid(), $1, $2, now(), 1)`,
      [checksum, name],
    )
  }
}
