import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { createMemoryStore, openMemoryJournal } from '../../test/support/memory-journal.ts'
import { type MigrationShop, openShop } from '../../test/support/migration-shop.ts'
import { installMigrationTools } from '../../test/support/migration-tools.ts'
import { stateOf } from '../../test/support/planning.ts'
import { Screen } from '../render/screen.ts'
import { systemClock } from '../system/system-clock.ts'
import { down, status, up } from './migrations.ts'
import type { CommandInput, Session } from './session.ts'

let lab: Lab
let place: Parameters<typeof openShop>[0]

beforeAll(async () => {
  lab = await openLab({ name: 'migrations-command' })
  const [postgres, modules] = await Promise.all([lab.postgres(), installMigrationTools()])
  place = { lab, postgres, modules }
})
afterAll(() => lab?.close())

/** r1 with the old files, r2 with the new ones; `live` serves. */
function openCommand(shop: MigrationShop, live: 'r1' | 'r2') {
  const written: string[] = []
  const journal = openMemoryJournal(createMemoryStore(), systemClock)
  const files = { r1: shop.old.files, r2: shop.fresh.files }
  const world = {
    env: {},
    stdout: { write: (text: string) => void written.push(text), isTerminal: false, columns: 80 },
    ask: null,
    onInterrupt: () => () => {},
  }
  // What the command opens of a session, and nothing else.
  const session = {
    service: 'store',
    configPath: 'lastgood.yaml',
    database: { migrations: shop.migrations },
    store: {
      schema: async () => null,
      launchRecord: async (_service: string, release: 'r1' | 'r2') => files[release],
    },
    journal,
    clock: systemClock,
    actor: 'ann',
    state: async () => stateOf(live, 'r1 proven', 'r2'),
  }
  const input = (options: CommandInput['options']) =>
    ({
      args: {},
      options: { yes: true, ...options },
      global: { json: false, home: '', config: '', debug: false },
      world,
      screen: new Screen(world, false),
      open: async () => session as unknown as Session,
    }) as unknown as CommandInput
  const events = async () => (await journal.read()).map(({ type, data }) => ({ type, data }))
  return { input, events, text: () => written.splice(0).join('') }
}

it('goes up with what serves, and down to a release; says what is applied and what the way back is', async () => {
  const shop = await openShop(place, 'node-pg-migrate')
  const { input, events, text } = openCommand(shop, 'r2')

  expect(await status(input({}))).toMatchObject({ exit: 0, document: { comparison: { relation: 'behind' } } })
  expect(text()).toContain('behind: 2 to apply')
  expect(await up(input({ plan: true }))).toMatchObject({ document: { pending: expect.any(Array) } })
  expect(await shop.applied()).toHaveLength(1)
  await up(input({}))
  expect(text()).toContain('applied  1767225720000_more')
  await status(input({}))
  expect(text()).toContain('Back to r1: 1767225720000_more, 1767225660000_feature would go down.')

  expect(await down(input({ to: 'r1', plan: true }))).toMatchObject({ document: { runner: 'r2' } })
  expect(await shop.applied()).toHaveLength(3)
  await down(input({ to: 'r1' }))
  expect(text()).toContain('2 migrations taken down')
  expect(await shop.tables()).toEqual(['t'])
  await down(input({ to: 'r1' }))
  expect(text()).toContain('The database has the schema of r1 already.')
  expect(await events()).toMatchObject([
    { type: 'MigrationsApplied', data: { release: 'r2' } },
    { type: 'MigrationsTakenDown', data: { release: 'r2', target: 'r1' } },
  ])
})

it('goes down with the files that applied it, also where the old release serves already', async () => {
  const shop = await openShop(place, 'dbmate')
  await shop.migrations.up({ ...shop.fresh, signal: AbortSignal.timeout(60_000) })
  const { input } = openCommand(shop, 'r1')
  expect(await status(input({}))).toMatchObject({ document: { comparison: { relation: 'ahead' } } })
  expect(await down(input({ to: 'r1' }))).toMatchObject({ document: { runner: 'r2' } })
  expect(await shop.tables()).toEqual(['t'])
  expect(await shop.rows()).toBe(1000)
})

it('refuses what nobody kept knows, with the list, and a step without a release', async () => {
  const shop = await openShop(place, 'sql')
  await shop.migrations.up({ ...shop.fresh, signal: AbortSignal.timeout(60_000) })
  await place.postgres.query(
    shop.database,
    "insert into lastgood_migrations (name, checksum) values ('004_by_hand', '')",
  )
  const { input } = openCommand(shop, 'r2')
  await expect(down(input({ to: 'r1' }))).rejects.toMatchObject({
    code: 'MIGRATIONS_DIFFER',
    details: expect.arrayContaining([expect.stringContaining('004_by_hand')]),
  })
  await expect(down(input({}))).rejects.toMatchObject({ code: 'USAGE' })
  await expect(down(input({ to: 'r9' }))).rejects.toMatchObject({ code: 'UNKNOWN_RELEASE' })
  expect(await shop.rows()).toBe(1000)
})
