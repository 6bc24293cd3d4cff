import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { bundleChild } from '../../../test/support/bundle-child.ts'
import { sampled } from '../../../test/support/sampled.ts'
import { ExecaRunner } from '../../command-runner/execa-runner.ts'
import type { Checkpoints } from '../../ports/checkpoints.ts'
import { systemClock } from '../../system/system-clock.ts'
import { parseConnection } from '../postgres/connection.ts'
import { openSession } from '../postgres/session.ts'
import { createCheckpoints } from './file-checkpoints.ts'

// Other programs do the work, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

let lab: Lab
let postgres: Postgres
beforeAll(async () => {
  lab = await openLab({ name: 'killed checkpoints' })
  postgres = await lab.postgres()
})
afterAll(() => lab.close())

const never = new AbortController().signal
const asked = { id: null, release: null, migrations: null, reason: 'test', template: null, signal: never }

/** The same place for us and for a process that will be killed. */
async function openPlace(name: string) {
  const url = await postgres.createDatabase(name)
  await postgres.query(
    name,
    'CREATE TABLE t AS SELECT i AS id, md5(i::text) AS word FROM generate_series(1, 5000) i',
  )
  const folder = join(lab.dir, 'checkpoints', name)
  const rule = { keep: 1, maxAgeMs: 86_400_000, maxBytes: null }
  const settings = { service: name, url, adminUrl: null, pgbouncerUrl: null, folder, jobs: 2, rule }
  const world = { env: process.env, runner: new ExecaRunner(), clock: systemClock, crash: () => {} }
  return { name, folder, settings, checkpoints: createCheckpoints({ ...settings, ...world }) }
}

type Place = Awaited<ReturnType<typeof openPlace>>

const CHILD = `
import { ExecaRunner } from './src/command-runner/execa-runner.ts'
import { createCheckpoints } from './src/database/checkpoints/file-checkpoints.ts'
import { crashFromEnvironment } from './src/system/crash-from-environment.ts'
import { systemClock } from './src/system/system-clock.ts'
const { env } = process
const world = { env, runner: new ExecaRunner(), clock: systemClock, crash: crashFromEnvironment(env) }
const checkpoints = createCheckpoints({ ...JSON.parse(env.SETTINGS), ...world })
const signal = new AbortController().signal
const asked = { id: null, release: null, migrations: null, reason: 'test', template: null, signal }
await new Function('checkpoints', 'asked', 'signal', 'return checkpoints.' + env.CALL)(checkpoints, asked, signal)`

/** Runs one call of the port in a process of its own. @returns how it ended: 137 is SIGKILL */
async function inOtherProcess(place: Place, call: string, crashAt: string, signal?: AbortSignal) {
  const result = await new ExecaRunner().run({
    program: process.execPath,
    args: [await bundleChild(CHILD)],
    env: {
      PATH: process.env.PATH ?? '',
      LASTGOOD_CRASH_AT: crashAt,
      SETTINGS: JSON.stringify(place.settings),
      CALL: call,
      ...lab.env,
    },
    timeoutMs: 60_000,
    ...(signal === undefined ? {} : { signal }),
  })
  return result.exitCode ?? result.outcome
}

const idsOf = async (checkpoints: Checkpoints) => (await checkpoints.list()).map(({ id }) => id)
const stray = async (name: string) =>
  (await postgres.query<{ datname: string }>('postgres', 'SELECT datname FROM pg_database ORDER BY 1'))
    .map(({ datname }) => datname)
    .filter((datname) => datname.startsWith('lastgood') || datname === `${name}_new`)

test.each(['checkpoint/claimed', 'checkpoint/dumped', 'checkpoint/recorded'])(
  'killed at %s: no checkpoint, and the next one clears up and has another name',
  async (point) => {
    const place = await openPlace(`killed at ${point.split('/')[1]}`)
    expect(await inOtherProcess(place, 'create(asked)', point)).toBe(137)
    expect(await readdir(place.folder)).toEqual(['.c1.partial', '.last-id'])
    expect(await idsOf(place.checkpoints)).toEqual([])
    expect((await place.checkpoints.create(asked)).id).toBe('c2')
    expect(await readdir(place.folder)).toEqual(['.last-id', 'c2'])
    expect(await place.checkpoints.verify('c2', { signal: never })).toMatchObject({ ok: true })
  },
)

test('killed once it has its name: it is whole, and asked for again it is found', async () => {
  const place = await openPlace('killed at renamed')
  expect(await inOtherProcess(place, `create({ ...asked, id: 'c1' })`, 'checkpoint/renamed')).toBe(137)
  expect(await idsOf(place.checkpoints)).toEqual(['c1'])
  expect((await place.checkpoints.create({ ...asked, id: 'c1' })).id).toBe('c1')
  expect(await place.checkpoints.verify('c1', { signal: never })).toMatchObject({ ok: true })
})

test('killed while pg_dump runs: its sessions are ended, and its folder goes', async () => {
  const place = await openPlace('killed in the middle')
  const { folder, checkpoints, settings } = place
  // pg_dump waits for this lock.
  const locker = await openSession(parseConnection(settings.url), 'locker')
  try {
    await locker.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
    const abort = new AbortController()
    const child = inOtherProcess(place, 'create(asked)', '', abort.signal)
    const dumps = async () =>
      postgres.query(
        'postgres',
        `SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'lastgood dump c1 %'`,
      )
    await waitUntil(async () => (await dumps()).length > 0, {
      what: 'pg_dump',
      everyMs: 20,
    })
    abort.abort()
    await child
    expect((await dumps()).length).toBeGreaterThan(0)
    expect((await checkpoints.prune([])).leftOvers).toEqual(['.c1.partial'])
    await waitUntil(async () => (await dumps()).length === 0, {
      what: 'its end',
      everyMs: 20,
    })
  } finally {
    await locker.close()
  }
  await checkpoints.create(asked)
  expect(await readdir(folder)).toEqual(['.last-id', 'c2'])
})

const template = (name: string) =>
  postgres.query<{ name: string }>(
    'postgres',
    `SELECT datname AS name FROM pg_database WHERE starts_with(datname, '${name}_template_')`,
  )
const TAKE = `create({ id: null, release: null, migrations: null, reason: 'x', template: { pauseMs: 60000 }, signal })`

test.each(sampled(['checkpoint/held', 'checkpoint/copied', 'checkpoint/recorded']))(
  'a template, killed at %s: its database goes with its folder',
  async (point) => {
    const place = await openPlace(`template_${point.split('/')[1]}`)
    expect(await inOtherProcess(place, TAKE, point)).toBe(137)
    expect(await template(place.name)).toHaveLength(1)
    expect((await place.checkpoints.prune([])).leftOvers).toEqual(['.c1.partial'])
    expect(await template(place.name)).toEqual([])
  },
)

test('a template, killed while everybody waits for it: they go on by themselves, and nothing stays', async () => {
  const place = await openPlace('template_waiting')
  const stuck = await openSession(parseConnection(place.settings.url), 'stuck')
  process.kill(stuck.pid, 'SIGSTOP')
  const abort = new AbortController()
  try {
    const child = inOtherProcess(place, TAKE, '', abort.signal)
    const copying = `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND wait_event IS DISTINCT FROM 'ClientRead'`
    const begun = async () => (await postgres.query('postgres', copying)).length > 0
    await waitUntil(begun, { what: 'the copying', everyMs: 10 })
    abort.abort()
    await child
  } finally {
    process.kill(stuck.pid, 'SIGCONT')
  }
  await stuck.close()
  // Behind the statement, which goes on without whoever asked for it, and ends.
  await postgres.query(place.name, 'SELECT count(*) FROM t')
  await place.checkpoints.create({ ...asked, template: { pauseMs: null } })
  expect(await idsOf(place.checkpoints)).toEqual(['c2'])
  expect(await template(place.name)).toHaveLength(1)
  expect(await readdir(place.folder)).toEqual(['.last-id', 'c2'])
})

test('what another process is writing at this moment is left alone', async () => {
  const place = await openPlace('two at once')
  const locker = await openSession(parseConnection(place.settings.url), 'locker')
  await locker.query('BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE')
  const first = place.checkpoints.create({ ...asked, id: 'c1' })
  try {
    const written = async () => (await readdir(place.folder)).includes('.c1.partial')
    await waitUntil(written, { what: 'the first', everyMs: 10 })
    expect((await place.checkpoints.prune([])).leftOvers).toEqual([])
    await expect(place.checkpoints.create({ ...asked, id: 'c1' })).rejects.toMatchObject({
      code: 'CHECKPOINT_RUNNING',
    })
    expect(await place.checkpoints.nextId()).toBe('c2')
  } finally {
    await locker.close()
  }
  expect((await first).id).toBe('c1')
  expect(await readdir(place.folder)).toEqual(['.last-id', 'c1'])
})

test.each(['checkpoint-verify/created', 'checkpoint-verify/restored'])(
  'killed at %s: the next trial, or prune, drops what is left',
  async (point) => {
    const place = await openPlace(`verify killed at ${point.split('/')[1]}`)
    await place.checkpoints.create(asked)
    const call = `verify('c1', { signal })`
    expect(await inOtherProcess(place, call, point)).toBe(137)
    expect(await stray(place.name)).toHaveLength(1)
    expect(await place.checkpoints.verify('c1', { signal: never })).toMatchObject({ ok: true })
    expect(await stray(place.name)).toEqual([])

    expect(await inOtherProcess(place, call, point)).toBe(137)
    expect((await place.checkpoints.prune([])).leftOvers).toEqual([
      expect.stringMatching(/^lastgood_verify_c1_/),
    ])
    expect(await stray(place.name)).toEqual([])
  },
)

test('a trial that runs is not taken for a stray one', async () => {
  const place = await openPlace('trial runs')
  await place.checkpoints.create(asked)
  const results = await Promise.all([
    place.checkpoints.verify('c1', { signal: never }),
    place.checkpoints.verify('c1', { signal: never }),
  ])
  expect(results.map(({ ok, differences }) => [ok, differences])).toEqual([
    [true, []],
    [true, []],
  ])
})

test('killed between two removals, prune goes on where it was', async () => {
  const place = await openPlace('prune killed')
  for (let made = 0; made < 3; made++) await place.checkpoints.create(asked)
  expect(await inOtherProcess(place, 'prune([])', 'checkpoint-prune/removed')).toBe(137)
  expect(await idsOf(place.checkpoints)).toEqual(['c2', 'c3'])
  await place.checkpoints.prune([])
  expect(await idsOf(place.checkpoints)).toEqual(['c3'])
})
