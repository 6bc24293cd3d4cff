import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { checkpointsOf } from '../../test/support/checkpoint-shop.ts'
import { createMemoryStore, openMemoryJournal } from '../../test/support/memory-journal.ts'
import { stateOf } from '../../test/support/planning.ts'
import { createCheckpoints } from '../database/checkpoints/file-checkpoints.ts'
import { parseConnection } from '../database/postgres/connection.ts'
import { withSession } from '../database/postgres/session.ts'
import type { KeptCheckpoint } from '../domain/checkpoint.ts'
import { Screen } from '../render/screen.ts'
import { systemClock } from '../system/system-clock.ts'
import { run } from './checkpoint.ts'
import { diagnoseDatabase } from './diagnose-database.ts'
import { takeDueCheckpoint } from './due-checkpoint.ts'
import type { CommandInput, Session } from './session.ts'

let lab: Lab
beforeAll(async () => {
  lab = await openLab({ name: 'checkpoint command' })
})
afterAll(() => lab.close())

const HOUR = 3_600_000

/** What the command opens of a session, and nothing else. `later` moves its clock. */
async function openCommand(name: string, everyMs: number | null) {
  const postgres = await lab.postgres()
  const url = await postgres.createDatabase(name)
  await postgres.query(name, 'CREATE TABLE t AS SELECT i FROM generate_series(1, 100) i')
  let ahead = 0
  const clock = { ...systemClock, now: () => Date.now() + ahead }
  const { parts } = checkpointsOf(lab, name, url)
  const checkpoints = createCheckpoints({
    ...parts,
    clock,
    rule: { keep: 2, maxAgeMs: 1e12, maxBytes: null },
  })
  const journal = openMemoryJournal(createMemoryStore(), systemClock)
  const written: string[] = []
  const world = {
    env: {},
    stdout: { write: (text: string) => void written.push(text), isTerminal: false, columns: 80 },
    ask: null,
    onInterrupt: () => () => {},
  }
  const session = {
    service: 'store',
    configPath: 'lastgood.yaml',
    configuration: { database: { checkpoints: { everyMs } } },
    database: {
      checkpoints,
      trials: { dropStrays: async () => [] },
      restoration: { observe: async () => ({ live: null, next: [], damaged: [], pgbouncer: null }) },
    },
    store: { schema: async () => null },
    journal,
    clock,
    actor: 'ann',
    state: async () => stateOf(null),
  } as unknown as Session
  const command = (action: string, options: CommandInput['options'] = {}) =>
    run({
      args: { action },
      options,
      global: { json: false, home: '', config: '', debug: false },
      world,
      screen: new Screen(world, false),
      open: async () => session,
    } as unknown as CommandInput)
  const kinds = async () =>
    (await checkpoints.list()).map((kept: KeptCheckpoint) =>
      kept.readable ? `${kept.id} ${kept.checkpoint.template === null ? 'dump' : 'template'}` : kept.id,
    )
  return {
    url,
    session,
    command,
    kinds,
    text: () => written.splice(0).join(''),
    later: (ms: number) => {
      ahead += ms
    },
    events: async () => (await journal.read()).map(({ type, data }) => ({ type, data })),
  }
}

test('on schedule: taken when it is due, said when not, and what is no longer kept goes', async () => {
  const { session, command, kinds, text, later, events } = await openCommand('scheduled', 24 * HOUR)
  expect(await command('create', { 'if-due': true, plan: true })).toMatchObject({ document: { due: true } })
  expect(await command('create', { 'if-due': true })).toMatchObject({
    exit: 0,
    document: { checkpoint: { checkpoint: 'c1', kind: 'dump', reason: 'on schedule' } },
  })
  text()
  expect(await command('create', { 'if-due': true })).toMatchObject({
    exit: 0,
    document: { checkpoint: null },
  })
  expect(text()).toMatch(/^None is due: the next is at \d{4}-\d\d-\d\d \d\d:\d\d UTC\.\n$/)

  const schedule = async () =>
    (await diagnoseDatabase(session, stateOf(null))).find(({ name }) => name === 'schedule')
  expect(await schedule()).toMatchObject({ outcome: 'passed' })
  later(25 * HOUR)
  expect(await schedule()).toMatchObject({ outcome: 'passed' })
  later(12 * HOUR)
  expect(await schedule()).toMatchObject({ outcome: 'unknown', fix: expect.stringMatching(/--if-due/) })
  expect(await takeDueCheckpoint(session)).toMatchObject({ taken: { id: 'c2' }, removed: [] })
  later(25 * HOUR)
  // Somebody may be restoring the oldest one: it stays until the next time.
  const held = await session.journal.acquire('store', 'bob', 'restore c1', 60_000)
  expect(await takeDueCheckpoint(session)).toMatchObject({ taken: { id: 'c3' }, removed: [] })
  if (held.ok) await session.journal.release(held.lease)
  later(25 * HOUR)
  expect(await takeDueCheckpoint(session)).toMatchObject({ removed: [{ id: 'c1' }, { id: 'c2' }] })
  expect(await takeDueCheckpoint(session)).toMatchObject({ taken: null })
  expect(await kinds()).toEqual(['c3 dump', 'c4 dump'])
  expect((await events()).map(({ type }) => type)).toEqual(Array(4).fill('CheckpointCreated'))
})

test('a template: refused while somebody is connected, agreed to before anybody is sent away, under the lease', async () => {
  const { url, session, command, kinds, text, events } = await openCommand('copied', null)
  await withSession(parseConnection(url), 'somebody', async (somebody) => {
    await expect(command('create', { template: true })).rejects.toMatchObject({ code: 'CHECKPOINT_IN_USE' })
    await command('create', { template: true, pause: '10s', plan: true })
    expect(text()).toMatch(/new ones wait for at most 10\.0 s/)
    await expect(command('create', { template: true, pause: '10s' })).rejects.toMatchObject({
      code: 'CONFIRMATION_REQUIRED',
    })
    const held = await session.journal.acquire('store', 'bob', 'deploy', 60_000)
    await expect(command('create', { template: true, pause: '10s', yes: true })).rejects.toMatchObject({
      code: 'LEASE_HELD',
    })
    if (held.ok) await session.journal.release(held.lease)
    await somebody.query('SELECT 1')
    expect(await command('create', { template: true, pause: '10s', yes: true })).toMatchObject({
      exit: 0,
      document: { checkpoint: { kind: 'template' } },
    })
    await expect(somebody.query('SELECT 1')).rejects.toMatchObject({ code: 'DB_CONNECTION_LOST' })
  })
  expect(text()).toMatch(/100 rows, .* connections waited \d+ ms/)
  await command('list')
  expect(text()).toMatch(/^id +kind +taken.*\nc\d +template +just now/)
  expect(await kinds()).toEqual([expect.stringMatching(/template$/)])
  expect(await events()).toMatchObject([{ type: 'CheckpointCreated', data: { kind: 'template' } }])
  for (const options of [
    { pause: '10s' },
    { template: true, pause: '10' },
    { template: true, pause: '0s' },
    { 'if-due': true },
  ])
    await expect(command('create', options)).rejects.toMatchObject({ code: 'USAGE' })
})
