import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { run } from '../../../lab/run.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { bundleChild } from '../../../test/support/bundle-child.ts'
import { actAsPrisma, DRIVERS, openShop } from '../../../test/support/migration-shop.ts'
import { installMigrationTools } from '../../../test/support/migration-tools.ts'
import { CHILD_NAME } from './child-environment.ts'

const signal = AbortSignal.timeout(600_000)

let lab: Lab
let place: { lab: Lab; postgres: Postgres; modules: string }

beforeAll(async () => {
  lab = await openLab({ name: 'migration-refusals' })
  const [postgres, modules] = await Promise.all([lab.postgres(), installMigrationTools()])
  place = { lab, postgres, modules }
})
afterAll(() => lab?.close())

async function connect(url: string, name = 'shopper') {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, application_name: name })
  client.on('error', () => {})
  await client.connect()
  return client
}

describe('a down from the old checkout', () => {
  it('drops the table when dbmate is asked, and is refused when lastgood is', async () => {
    const shop = await openShop(place, 'dbmate')
    await shop.migrations.up({ ...shop.fresh, signal })
    await expect(shop.migrations.down({ ...shop.old, target: [], signal })).rejects.toMatchObject({
      code: 'MIGRATIONS_DIFFER',
    })
    expect(await shop.rows()).toBe(1000)

    const { directory } = shop.old.files
    const env = {
      ...shop.old.files.env,
      PATH: process.env.PATH ?? '',
      DATABASE_URL: `${shop.url}?sslmode=disable`,
    }
    const args = ['--no-dump-schema', 'rollback']
    const { exitCode, stdout } = await run(join(directory, 'node_modules/.bin/dbmate'), args, {
      cwd: directory,
      env,
    })
    expect({ exitCode, stdout }).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('init') })
    expect(await shop.tables()).toEqual(['extra', 'more'])
  })

  it('drops the table when Umzug is asked, and is refused when lastgood is', async () => {
    const shop = await openShop(place, 'umzug')
    await shop.migrations.up({ ...shop.fresh, signal })
    await expect(shop.migrations.down({ ...shop.old, target: [], signal })).rejects.toMatchObject({
      code: 'MIGRATIONS_DIFFER',
    })
    expect(await shop.rows()).toBe(1000)

    const script = join(shop.old.files.directory, 'down.cjs')
    await writeFile(
      script,
      `const { Umzug, SequelizeStorage } = require('umzug'), { Sequelize } = require('sequelize')
       const sequelize = new Sequelize(JSON.parse(process.env.PLACE))
       const umzug = new Umzug({ migrations: { glob: 'migrations/*.cjs' }, context: sequelize.getQueryInterface(),
         storage: new SequelizeStorage({ sequelize }), logger: undefined })
       umzug.down().then((done) => { console.log(done.map(({ name }) => name).join()); return sequelize.close() })`,
    )
    const { directory, env } = shop.old.files
    const { hostname: host, port, username, password } = new URL(shop.url)
    const access = {
      dialect: 'postgres',
      host,
      port,
      username,
      password,
      database: shop.database,
      logging: false,
    }
    const { exitCode, stdout } = await run(process.execPath, [script], {
      cwd: directory,
      env: { ...env, PLACE: JSON.stringify(access) },
    })
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '1_init.cjs' })
    expect(await shop.tables()).toEqual(['extra', 'more'])
  })
})

describe('a migration without a way down', () => {
  it('of Kysely is refused, and not skipped on the way to an older one', async () => {
    const shop = await openShop(place, 'kysely')
    await writeFile(
      join(shop.fresh.files.directory, 'migrations/3_more.mjs'),
      "export const up = (db) => db.schema.createTable('more').addColumn('id', 'integer').execute()\n",
    )
    const fresh = await shop.describe(shop.fresh)
    await shop.migrations.up({ ...fresh, signal })
    await expect(shop.migrations.down({ ...fresh, target: shop.target, signal })).rejects.toMatchObject({
      code: 'MIGRATION_FORWARD_ONLY',
      params: { migrations: '3_more' },
    })
    expect(await shop.applied()).toEqual(['1_init', '2_feature', '3_more'])
    expect(await shop.tables()).toEqual(['extra', 'more', 't'])
  })

  it.each([
    [
      'node-pg-migrate',
      'migrations/1767225720000_more.mjs',
      'export const up = (pgm) => pgm.sql("select 1")\nexport const down = false\n',
    ],
    ['umzug', 'migrations/3_more.cjs', 'exports.up = async () => {}\n'],
    [
      'typeorm',
      'migrations/1767225720000-More.cjs',
      'exports.More1767225720000 = class More1767225720000 { async up() {} }\n',
    ],
    [
      'dbmate',
      'db/migrations/20260103000000_more.sql',
      '-- migrate:up\nselect 1;\n-- migrate:down\n-- not reversible\n',
    ],
  ] as const)('of %s is known before anything is run', async (tool, path, text) => {
    const shop = await openShop(place, tool)
    await writeFile(join(shop.fresh.files.directory, path), text)
    const fresh = await shop.describe(shop.fresh)
    await shop.migrations.up({ ...fresh, signal })
    const before = await shop.applied()
    await expect(shop.migrations.down({ ...fresh, target: shop.target, signal })).rejects.toMatchObject({
      code: 'MIGRATION_FORWARD_ONLY',
    })
    expect(await shop.applied()).toEqual(before)
  })

  it.each([
    ['drizzle', 'drizzle/0002_more.down.sql'],
    ['sql', 'migrations/003_more.down.sql'],
  ] as const)('of %s is one without a down.sql beside it', async (tool, path) => {
    const shop = await openShop(place, tool)
    await rm(join(shop.fresh.files.directory, path))
    const fresh = await shop.describe(shop.fresh)
    expect(fresh.schema.migrations.map(({ down }) => down)).toEqual([
      tool === 'sql' ? 'sql' : 'none',
      'sql',
      'none',
    ])
    await shop.migrations.up({ ...fresh, signal })
    await expect(shop.migrations.down({ ...fresh, target: shop.target, signal })).rejects.toMatchObject({
      code: 'MIGRATION_FORWARD_ONLY',
    })
  })
})

describe("Prisma's record and files", () => {
  it('go down by release with the down.sql beside each, in one transaction with the record', async () => {
    const shop = await openShop(place, 'prisma')
    const folder = join(shop.fresh.files.directory, 'prisma/migrations')
    const brought = { ...shop.fresh.schema, migrations: shop.fresh.schema.migrations.slice(1) }
    const up = (name: string) => readFile(join(folder, name, 'migration.sql'), 'utf8')
    await actAsPrisma(place.postgres, shop.database, brought, up)
    expect(await shop.applied()).toHaveLength(3)
    await expect(shop.migrations.up({ ...shop.fresh, signal })).resolves.toMatchObject({ done: [] })

    const down = await shop.migrations.down({ ...shop.fresh, target: shop.target, signal })
    expect(down.done.map(({ name }) => name)).toEqual(['20260103000000_more', '20260102000000_feature'])
    expect(await shop.tables()).toEqual(['t'])
    expect(await shop.applied()).toEqual(['20260101000000_init'])
    await expect(shop.migrations.up({ ...shop.fresh, signal })).rejects.toMatchObject({
      code: 'MIGRATION_TOOL_MISSING',
    })
  })

  it('are not touched while one is begun and not ended, or is not what was applied', async () => {
    const shop = await openShop(place, 'prisma')
    const request = { ...shop.fresh, target: shop.target, signal }
    await place.postgres.query(shop.database, "update _prisma_migrations set checksum = 'another'")
    await expect(shop.migrations.down(request)).rejects.toMatchObject({
      code: 'MIGRATIONS_DIFFER',
      details: expect.arrayContaining([expect.stringContaining('another content')]),
    })
    await place.postgres.query(shop.database, 'update _prisma_migrations set finished_at = null')
    await expect(shop.migrations.down(request)).rejects.toMatchObject({
      details: expect.arrayContaining([expect.stringContaining('never ended')]),
    })
  })
})

describe('what fails half way', () => {
  it('is read again and said, and going on from there ends well', async () => {
    const shop = await openShop(place, 'sql')
    const broken = join(shop.fresh.files.directory, 'migrations/003_more.up.sql')
    const right = await readFile(broken, 'utf8')
    await writeFile(broken, 'create table more (); select 1/0;')
    const fresh = await shop.describe(shop.fresh)
    await expect(shop.migrations.up({ ...fresh, signal })).rejects.toMatchObject({
      code: 'MIGRATIONS_PARTLY_DONE',
      params: { done: '002_feature.sql', applied: '001_init.sql, 002_feature.sql' },
    })
    expect(await shop.tables()).toEqual(['extra', 't'])
    // Back from there, although the release brings one that never came.
    const down = await shop.migrations.down({ ...fresh, target: shop.target, signal })
    expect(down.done.map(({ name }) => name)).toEqual(['002_feature'])
    await writeFile(broken, right)
    const up = await shop.migrations.up({ ...shop.fresh, signal })
    expect(up.applied).toHaveLength(3)
  })

  it('has changed nothing where the first one failed in its transaction', async () => {
    const shop = await openShop(place, 'node-pg-migrate')
    const file = join(shop.fresh.files.directory, 'migrations/1767225660000_feature.sql')
    await writeFile(file, '-- Up Migration\ncreate table extra (); select 1/0;\n-- Down Migration\nselect 1;')
    const fresh = await shop.describe(shop.fresh)
    await expect(shop.migrations.up({ ...fresh, signal })).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      exit: 28,
      message: expect.stringContaining('division by zero'),
    })
    expect(await shop.tables()).toEqual(['t'])
    expect(await shop.applied()).toEqual(['1767225600000_init'])
  })

  it('is a tool that says it went well and did nothing', async () => {
    const shop = await openShop(place, 'commands')
    await shop.migrations.up({ ...shop.fresh, signal })
    const file = join(shop.fresh.files.directory, 'migrate.cjs')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace("verb === 'down'", "verb === 'never'"))
    await expect(shop.migrations.down({ ...shop.fresh, target: shop.target, signal })).rejects.toMatchObject({
      code: 'MIGRATIONS_PARTLY_DONE',
      message: expect.stringContaining('did not take down 003_more'),
    })
  })
})

describe('two at once', () => {
  it.each(['node-pg-migrate', 'sql'] as const)('cannot be with %s: the second is told', async (tool) => {
    const shop = await openShop(place, tool)
    await shop.migrations.up({ ...shop.fresh, signal })
    const reader = await connect(shop.url)
    try {
      await reader.query('begin; select * from more')
      const request = { ...shop.fresh, target: shop.target, signal }
      const first = shop.migrations.down({ ...request, lockTimeoutMs: 60_000 })
      await waitUntil(() => isWaiting(shop.database), { what: 'the first to wait' })
      await expect(shop.migrations.down(request)).rejects.toMatchObject({ code: 'MIGRATIONS_BUSY', exit: 43 })
      await expect(shop.migrations.up({ ...shop.fresh, signal })).rejects.toMatchObject({
        code: 'MIGRATIONS_BUSY',
      })
      await reader.query('commit')
      expect((await first).done).toHaveLength(2)
    } finally {
      await reader.end()
    }
  })

  it('counts a tool that outlived the lastgood that started it', async () => {
    const shop = await openShop(place, 'node-pg-migrate')
    const lost = await connect(shop.url, CHILD_NAME)
    try {
      const up = shop.migrations.up({ ...shop.fresh, signal, lockTimeoutMs: 100 })
      await expect(up).rejects.toMatchObject({ code: 'MIGRATIONS_BUSY' })
    } finally {
      await lost.end()
    }
    expect((await shop.migrations.up({ ...shop.fresh, signal })).done).toHaveLength(2)
  })

  it('waits for the session of one that was killed a moment ago to be gone', async () => {
    const shop = await openShop(place, 'node-pg-migrate')
    const killed = await connect(shop.url)
    await killed.query('select pg_advisory_lock(1818325876, 1835624306)')
    const up = shop.migrations.up({ ...shop.fresh, signal })
    await waitUntil(() => triesAgain(shop.database), { what: 'a second try', everyMs: 5 })
    await killed.end()
    expect((await up).done).toHaveLength(2)
  })

  async function triesAgain(database: string): Promise<boolean> {
    const rows = await place.postgres.query(
      'postgres',
      "select 1 from pg_stat_activity where datname = $1 and query like 'SELECT pg_sleep%'",
      [database],
    )
    return rows.length > 0
  }

  async function isWaiting(database: string): Promise<boolean> {
    const rows = await place.postgres.query(
      'postgres',
      "select 1 from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'",
      [database],
    )
    return rows.length > 0
  }
})

describe('killed', () => {
  const script = bundleChild(`import './test/fixtures/migrations/go-down.ts'`)

  it.each(['migrate-down/begun', 'migrate-down/one', 'migrate-down/moved'])(
    'at %s, the same again ends well',
    async (point) => {
      const shop = await openShop(place, 'node-pg-migrate')
      await shop.migrations.up({ ...shop.fresh, signal })
      const order = { url: shop.url, drivers: DRIVERS, fresh: shop.fresh, target: shop.target, point }
      const env = { ...lab.env, PATH: process.env.PATH ?? '', ORDER: JSON.stringify(order) }
      const killed = await run(process.execPath, [await script], { env })
      expect(killed).toMatchObject({ exitCode: 137 })
      const down = await shop.migrations.down({ ...shop.fresh, target: shop.target, signal })
      expect(down.applied.map(({ name }) => name)).toEqual(['1767225600000_init'])
      expect(await shop.tables()).toEqual(['t'])
      expect(await shop.rows()).toBe(1000)
    },
  )

  it('while the tool works, the tool is waited for', async () => {
    const shop = await openShop(place, 'node-pg-migrate')
    await shop.migrations.up({ ...shop.fresh, signal })
    const reader = await connect(shop.url)
    await reader.query('begin; select * from more')
    const order = { url: shop.url, drivers: DRIVERS, fresh: shop.fresh, target: shop.target, point: 'tool' }
    const env = { ...lab.env, PATH: process.env.PATH ?? '', ORDER: JSON.stringify(order) }
    const killed = await run(process.execPath, [await script], { env })
    expect(killed).toMatchObject({ exitCode: 137 })
    const again = shop.migrations.down({ ...shop.fresh, target: shop.target, signal, lockTimeoutMs: 60_000 })
    await reader.end()
    expect((await again).applied.map(({ name }) => name)).toEqual(['1767225600000_init'])
    expect(await shop.tables()).toEqual(['t'])
  })
})

describe('a rehearsal on another database', () => {
  it.each(['node-pg-migrate', 'commands'] as const)('with %s does not touch the real one', async (tool) => {
    const shop = await openShop(place, tool)
    const url = await place.postgres.createDatabase(`copy for ${tool}`)
    const up = await shop.migrations.up({ ...shop.fresh, url, signal })
    expect(up.done).toHaveLength(3)
    const down = await shop.migrations.down({ ...shop.fresh, url, target: shop.target, signal })
    expect(down.done).toHaveLength(2)
    expect(await shop.tables()).toEqual(['t'])
    expect(await shop.applied()).toHaveLength(1)
  })
})

it('refuses a target nobody knows, instead of taking everything down', async () => {
  const shop = await openShop(place, 'sql')
  await expect(shop.migrations.down({ ...shop.fresh, target: null, signal })).rejects.toMatchObject({
    code: 'MIGRATIONS_DIFFER',
  })
  expect(await shop.rows()).toBe(1000)
})

it('says in its own words why code of a release cannot be read', async () => {
  const shop = await openShop(place, 'knex')
  await writeFile(join(shop.fresh.files.directory, 'db/changes/20260104_bad.cjs'), "require('./not-there')\n")
  await expect(shop.describe(shop.fresh)).rejects.toMatchObject({
    code: 'MIGRATIONS_UNREADABLE',
    message: expect.stringContaining('not-there'),
  })
})

it('reads TypeScript where the release can load it', async () => {
  const shop = await openShop(place, 'node-pg-migrate')
  await writeFile(
    join(shop.fresh.files.directory, 'migrations/1767225780000_typed.ts'),
    "export const up = (pgm: { sql(text: string): void }): void => pgm.sql('create table typed ()')\n" +
      "export const down = (pgm: { sql(text: string): void }): void => pgm.sql('drop table typed')\n",
  )
  const fresh = await shop.describe(shop.fresh)
  expect((await shop.migrations.up({ ...fresh, signal })).done).toHaveLength(3)
  const down = await shop.migrations.down({ ...fresh, target: shop.target, signal })
  expect(down.done[0]?.name).toBe('1767225780000_typed')
})
