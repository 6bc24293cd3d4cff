import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { CHECK_OUT, openStoreService, PRICES_ADD_UP, type StoreService } from '../../lab/store-service.ts'
import { startTraffic, type Traffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { runFolderPath } from '../../src/agent-client/run-folder.ts'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { loadConfiguration } from '../../src/config/load-configuration.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { countSince } from '../../src/domain/readings/count-since.ts'
import { NOTHING_READ } from '../../src/domain/readings/memory.ts'
import type { Signals } from '../../src/ports/signals.ts'
import type { WatchSources } from '../../src/ports/watch-sources.ts'
import { httpProber } from '../../src/prober/http-prober.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import { wireWatch } from '../../src/wire-watch.ts'

let lab: Lab
let store: StoreService
let traffic: Traffic

beforeAll(async () => {
  lab = await openLab({ name: 'way-back' })
  store = await openStoreService(lab, {
    database: true,
    smoke: ['GET /categories', 'GET /products'],
    bake: '100ms',
    window: '500ms',
    timeout: '20s',
    watch: { flows: [CHECK_OUT], invariants: [PRICES_ADD_UP] },
  })
  await store.document('deploy', 'good-2', '--yes')
  // All commits have the same packages, and one release that installed them is enough.
  await store.configure({ install: 'copy' })
})
afterAll(async () => {
  await ports?.invariants?.close()
  await lab.close()
})

let ports: WatchSources | undefined

/** What a watch of the store looks with, as the program would wire it. */
async function openWatch(from: 'agent' | 'endpoint') {
  const { configuration } = await loadConfiguration(join(store.repo, 'lastgood.yaml'), store.env)
  const { watch, service } = configuration
  const opened = wireWatch({
    configuration: { ...configuration, watch: { ...watch, signals: { ...watch.signals, from } } },
    runFolder: runFolderPath(store.home, service),
    runner: new ExecaRunner(),
    env: store.env,
    clock: systemClock,
  })
  return { opened, watch }
}

async function query<Row extends object>(text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: store.databaseUrl })
  await client.connect()
  try {
    return (await client.query<Row>(text)).rows
  } finally {
    await client.end()
  }
}

/** Until shoppers have placed so many more orders. */
async function shop(more: number): Promise<void> {
  const count = async () => Number((await query<{ n: string }>('select count(*) as n from orders'))[0]?.n)
  const before = await count()
  const enough = async () => (await count()) >= before + more
  await waitUntil(enough, { what: `${more} more orders`, timeoutMs: 60_000, everyMs: 100 })
}

/** Every order a shopper was told is placed. */
async function missingOrders(): Promise<string[]> {
  const placed = (await traffic.stop()).flatMap((sample) => sample.placed ?? [])
  expect(placed.length).toBeGreaterThan(5)
  const there = new Set((await query<{ id: string }>('select id from orders')).map(({ id }) => id))
  return placed.filter((id) => !there.has(id))
}

const rollback = async (...args: string[]) =>
  (await store.document('rollback', '--yes', ...args)) as { plan: Plan; serving: { release: string } }

async function counted(signals: Signals) {
  const read = await signals.read()
  if (!read.ok) throw new Error(read.detail)
  expect(read).toMatchObject({ problems: [], readings: [{ release: 'r1' }, { release: 'r1' }] })
  const { requests, errors, latency } = countSince(NOTHING_READ, read.readings, Date.now()).byRelease.r1 ?? {}
  return { requests, errors, timed: latency?.count.reduce((a, b) => a + b) }
}

test('what a watch looks with: both instances by their agents and by their own pages, a shopper, the prices', async () => {
  const { opened: byAgent, watch } = await openWatch('agent')
  ports = byAgent
  const { opened: byPage } = await openWatch('endpoint')
  const before = { agent: await counted(byAgent.signals), page: await counted(byPage.signals) }
  const orders = () => query('select id from orders')
  const placed = await orders()
  const sessions = await query('select token_hash from sessions')
  const [flow] = watch.flows
  if (flow === undefined) throw new Error('there is no flow')
  for (let round = 0; round < 4; round++)
    expect(await httpProber.probeFlow({ url: store.url }, flow)).toMatchObject({
      outcome: 'passed',
      evidence: expect.stringMatching(/^3 steps in /),
      leftBehind: null,
    })
  expect(await orders()).toEqual(placed)
  expect(await query('select token_hash from sessions')).toEqual(sessions)
  // Three steps and two to clean up, four times; the counters of the one that is asked in private are the same.
  for (const [name, { signals }] of [
    ['agent', byAgent],
    ['page', byPage],
  ] as const) {
    const after = await counted(signals)
    expect(after).toEqual({
      requests: (before[name].requests ?? 0) + 20,
      errors: before[name].errors,
      timed: (before[name].timed ?? 0) + 20,
    })
  }
  expect(await pricesAddUp()).toBe('passed: 0')
})

/** As the invariant says it. */
async function pricesAddUp(): Promise<string> {
  const { watch } = await openWatch('agent')
  const [invariant] = watch.invariants
  if (invariant === undefined || !ports?.invariants) throw new Error('there is no invariant')
  const { outcome, evidence } = await ports.invariants.check(invariant)
  return `${outcome}: ${evidence}`
}

test('bad-corrupt: the checkpoint from before comes back, and salvage brings the orders', async () => {
  traffic = await startTraffic({ url: store.url, rate: 40 })
  await store.document('deploy', 'bad-corrupt', '--yes', '--no-wait')
  await shop(10)
  expect(await pricesAddUp()).toMatch(/^failed: \d+, and 0 is well$/)
  const { plan, serving } = await rollback('--corrupt')
  expect(plan.data).toBe('restore')
  expect(plan.dataLoss).toMatch(/written since c\d+ .*orders \d+/)
  expect(serving.release).toBe('r1')
  await shop(5)
  await store.document('salvage', '--reinsert', 'users,sessions,orders', '--yes')
  expect(await missingOrders()).toEqual([])
  expect(await store.healthy()).toBe(true)
})

const descriptions = () => query<{ description: string }>('select description from products order by id')

test('bad-migration: refused, because its way down empties a column; put out all the same, a restore leads back', async () => {
  // Where connections may wait for a moment it is a template that is rehearsed on, and gone back to.
  await store.configure({ templatePause: '20s' })
  const before = await descriptions()
  traffic = await startTraffic({ url: store.url, rate: 40 })
  const refused = await store.lastgood('deploy', 'bad-migration', '--yes', '--no-wait', '--json')
  expect(JSON.parse(refused.stdout)).toMatchObject({
    code: 'NO_WAY_BACK',
    serving: { release: 'r1' },
    message: expect.stringMatching(
      /r1 does not run on the new schema \(GET \/products.*products\.description/,
    ),
  })
  expect(await descriptions()).toEqual(before)
  // Why it was refused is remembered, and not only said.
  const { stdout } = await store.lastgood('journal', 'export')
  const events = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]))
  expect(events.findLast(({ type }) => type === 'WaysBackRehearsed')?.data.proof).toMatchObject({
    back: 'r1',
    oldCodeOnNewSchema: { outcome: 'failed' },
    down: { kind: 'impossible' },
  })

  const all = ['--without-way-back', '--reason', 'the test wants it']
  await store.document('deploy', 'bad-migration', '--yes', '--no-wait', ...all)
  await shop(10)
  const { plan, serving } = await rollback()
  expect(plan.data).toBe('restore')
  const { checkpoints } = await store.document('checkpoint', 'list')
  const restored = plan.steps.find(({ kind }) => kind === 'swap-database')?.params.checkpoint
  expect(checkpoints).toContainEqual(
    expect.objectContaining({ id: restored, kind: 'template', release: 'r1' }),
  )
  expect(plan.options.map(({ name, taken }) => [name, taken]).slice(-3)).toEqual([
    ['leave the database as it is', false],
    ['take the migrations down first', false],
    ['restore a checkpoint beside, and swap it in', true],
  ])
  expect(serving.release).toBe('r1')
  await shop(5)
  await store.document('salvage', '--reinsert', 'users,sessions,orders,order_items', '--yes')
  expect(await missingOrders()).toEqual([])
  expect(await descriptions()).toEqual(before)
  expect(await store.healthy()).toBe(true)
})
