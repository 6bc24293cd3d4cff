import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asRole } from '../../lab/database/open-shop.ts'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import type { Postgres } from '../../lab/postgres/start-postgres.ts'
import { openShop } from '../../test/support/migration-shop.ts'
import { installMigrationTools } from '../../test/support/migration-tools.ts'
import { openRehearsalWithoutRuntime } from '../../test/support/rehearsal-without-runtime.ts'
import { sampled } from '../../test/support/sampled.ts'
import type { MigrationTool } from '../domain/configuration.ts'

/** Without Prisma, whose engine cannot be had here. */
const TOOLS: MigrationTool[] = [
  'node-pg-migrate',
  'knex',
  'kysely',
  'umzug',
  'typeorm',
  'drizzle',
  'dbmate',
  'sql',
  'commands',
]

let lab: Lab
let place: { lab: Lab; postgres: Postgres; modules: string }
beforeAll(async () => {
  lab = await openLab({ name: 'rehearse-tools' })
  const [postgres, modules] = await Promise.all([lab.postgres(), installMigrationTools()])
  place = { lab, postgres, modules }
})
afterAll(() => lab?.close())

const LOCKS = [{ table: 'public.t', mode: 'AccessExclusiveLock', ms: expect.any(Number) }]
const REVERSIBLE = { kind: 'reversible', why: null, lost: [], differences: [] }

describe.each(sampled(TOOLS))('the migrations of %s', (tool) => {
  it('are rehearsed on the copy alone, with the rows that are there', async () => {
    const shop = await openShop(place, tool)
    const before = await shop.applied()
    const rehearsal = openRehearsalWithoutRuntime(lab, shop, { r1: shop.old, r2: shop.fresh })
    await rehearsal.checkpoint()
    const proof = await rehearsal.rehearse('r2', 'r1')
    expect(proof.down).toMatchObject(REVERSIBLE)
    expect(proof.up).toHaveLength(2)
    expect(proof.up.find(({ locks }) => locks.length > 0)?.locks).toEqual(LOCKS)
    expect(await shop.applied()).toEqual(before)
    expect(await shop.tables()).toEqual(['t'])
  })
})

describe('a rehearsal', () => {
  it.each(sampled<MigrationTool>(['sql', 'typeorm', 'knex']))(
    'of the very first release of %s, on an empty database',
    async (tool) => {
      const shop = await openShop(place, tool)
      const url = await place.postgres.createDatabase(`first ${tool}`)
      const files = { ...shop.old.files, env: { ...shop.old.files.env, DATABASE_URL: url } }
      const rehearsal = openRehearsalWithoutRuntime(lab, { ...shop, url }, { r1: { ...shop.old, files } })
      await rehearsal.checkpoint()
      const proof = await rehearsal.rehearse('r1', null)
      expect(proof.oldCodeOnNewSchema).toBeNull()
      expect(proof.up).toHaveLength(1)
      expect(proof.down).toMatchObject(REVERSIBLE)
    },
  )

  it('brings a copy of an older time to the schema of the release to go back to', async () => {
    const shop = await openShop(place, 'sql')
    const rehearsal = openRehearsalWithoutRuntime(lab, shop, { r1: shop.fresh, r2: shop.fresh })
    await rehearsal.checkpoint()
    const proof = await rehearsal.rehearse('r2', 'r1')
    expect(proof).toMatchObject({ up: [], oldCodeOnNewSchema: null, down: { kind: 'not needed' } })
  })

  it('needs no more than the right to create databases, and keeps what the service counts on', async () => {
    const shop = await openShop(place, 'sql')
    const name = `"${shop.database}"`
    await place.postgres.query(
      'postgres',
      `DO $$ BEGIN CREATE ROLE modest LOGIN CREATEDB PASSWORD 'not-a-secret'; END $$`,
    )
    await place.postgres.query('postgres', `ALTER DATABASE ${name} OWNER TO modest`)
    await place.postgres.query('postgres', `REVOKE CONNECT ON DATABASE ${name} FROM PUBLIC`)
    await place.postgres.query(
      'postgres',
      `ALTER DATABASE ${name} SET search_path = "$user", public, "odd, one"`,
    )
    await place.postgres.query(
      shop.database,
      'ALTER TABLE t OWNER TO modest; ALTER TABLE lastgood_migrations OWNER TO modest; GRANT ALL ON SCHEMA public TO modest',
    )
    const url = asRole(shop.url, { user: 'modest', password: 'not-a-secret' })
    const turned = (release: typeof shop.old) => ({
      ...release,
      files: { ...release.files, env: { ...release.files.env, DATABASE_URL: url } },
    })
    const releases = { r1: turned(shop.old), r2: turned(shop.fresh) }
    const rehearsal = openRehearsalWithoutRuntime(lab, { ...shop, url }, releases)
    await rehearsal.checkpoint()
    const proof = await rehearsal.rehearse('r2', 'r1')
    expect(proof.down).toMatchObject(REVERSIBLE)
    expect(proof.up).toHaveLength(2)
  })
})
