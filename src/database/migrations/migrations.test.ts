import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { type MigrationShop, openShop } from '../../../test/support/migration-shop.ts'
import { installMigrationTools } from '../../../test/support/migration-tools.ts'
import { sampled } from '../../../test/support/sampled.ts'
import type { MigrationTool } from '../../domain/configuration.ts'
import { compareMigrations } from '../../domain/migration.ts'

/** What each tool records for the three migrations of its fixture. */
const RECORDED: Record<Exclude<MigrationTool, 'prisma'>, [string, string, string]> = {
  'node-pg-migrate': ['1767225600000_init', '1767225660000_feature', '1767225720000_more'],
  knex: ['20260101_init.cjs', '20260102_feature.cjs', '20260103_more.cjs'],
  kysely: ['1_init', '2_feature', '3_more'],
  umzug: ['1_init.cjs', '2_feature.cjs', '3_more.cjs'],
  typeorm: ['Init1767225600000', 'Feature1767225660000', 'More1767225720000'],
  drizzle: ['1767225600000', '1767225660000', '1767225720000'],
  dbmate: ['20260101000000', '20260102000000', '20260103000000'],
  sql: ['001_init', '002_feature', '003_more'],
  commands: ['001_init', '002_feature', '003_more'],
}
const TOOLS = Object.keys(RECORDED) as (keyof typeof RECORDED)[]
const signal = AbortSignal.timeout(600_000)

let lab: Lab
let place: { lab: Lab; postgres: Postgres; modules: string }

beforeAll(async () => {
  lab = await openLab({ name: 'migrations' })
  const [postgres, modules] = await Promise.all([lab.postgres(), installMigrationTools()])
  place = { lab, postgres, modules }
})
afterAll(() => lab?.close())

/** One shop a tool: each test begins with what the one before has left. */
describe.each(TOOLS)('%s, the real package', (tool) => {
  const recorded = RECORDED[tool]
  let shop: MigrationShop
  beforeAll(async () => {
    shop = await openShop(place, tool)
  })

  it('is recognised, with what the release brings and with what is applied', async () => {
    const { fresh, migrations, applied } = shop
    expect(fresh.schema.tool).toBe(tool)
    expect(fresh.schema.migrations.map(({ name }) => name)).toEqual(recorded)
    expect(fresh.schema.migrations.slice(1).every(({ down }) => down !== 'none')).toBe(true)
    expect(await applied()).toEqual(recorded.slice(0, 1))
    const there = await migrations.applied(fresh.schema, fresh)
    expect(compareMigrations(there, fresh.schema.migrations)).toMatchObject({
      relation: 'behind',
      pending: recorded.slice(1),
    })
    // Where its table is not there yet nothing is applied, and that is no error.
    const url = await place.postgres.createDatabase(`empty ${tool}`)
    expect(await migrations.applied(fresh.schema, { ...fresh, url })).toEqual([])
  })

  it('goes up with the files of the release', async () => {
    const up = await shop.migrations.up({ ...shop.fresh, signal })
    expect(up.done.map(({ name }) => name)).toEqual(recorded.slice(1))
    expect(await shop.applied()).toEqual(recorded)
    expect(await shop.tables()).toEqual(['extra', 'more', 't'])
    expect((await shop.migrations.up({ ...shop.fresh, signal })).done).toEqual([])
  })

  it('is never run from the old checkout, which does not know what is applied', async () => {
    const refused = {
      code: 'MIGRATIONS_DIFFER',
      details: expect.arrayContaining([expect.stringContaining(recorded[2])]),
    }
    await expect(shop.migrations.down({ ...shop.old, target: [], signal })).rejects.toMatchObject(refused)
    await expect(shop.migrations.up({ ...shop.old, signal })).rejects.toMatchObject(refused)
    expect(await shop.applied()).toEqual(recorded)
    expect(await shop.rows()).toBe(1000)
  })

  it('goes down by release with the files that applied it, and the rows stay', async () => {
    const { target } = shop
    const down = await shop.migrations.down({ ...shop.fresh, target, signal })
    expect(down.done.map(({ name }) => name)).toEqual([recorded[2], recorded[1]])
    expect(down.applied.map(({ name }) => name)).toEqual(recorded.slice(0, 1))
    expect(await shop.tables()).toEqual(['t'])
    expect((await shop.migrations.down({ ...shop.fresh, target, signal })).done).toEqual([])
    expect(await shop.rows()).toBe(1000)

    // Nothing secret where everybody can read it.
    const password = new URL(shop.url).password
    for (const { program, args } of shop.commands)
      expect([program, ...args].join(' ')).not.toContain(password)
  })

  it.runIf(sampled(TOOLS).includes(tool))(
    'gives up on a lock instead of queueing behind it, and says what is applied',
    async () => {
      await shop.migrations.up({ ...shop.fresh, signal })
      const { default: pg } = await import('pg')
      const reader = new pg.Client({ connectionString: shop.url })
      await reader.connect()
      const request = { ...shop.fresh, target: shop.target, signal }
      try {
        await reader.query('begin; select * from t limit 1')
        await expect(shop.migrations.down({ ...request, lockTimeoutMs: 150 })).rejects.toMatchObject({
          code: 'MIGRATIONS_PARTLY_DONE',
          message: expect.stringMatching(/lock timeout|not given up in time/),
          params: { done: expect.stringContaining('ore') },
        })
      } finally {
        await reader.end()
      }
      expect(await shop.applied()).toEqual(recorded.slice(0, 2))
      const down = await shop.migrations.down(request)
      expect(down.applied.map(({ name }) => name)).toEqual(recorded.slice(0, 1))
      expect(await shop.rows()).toBe(1000)
    },
  )
})
