import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startWatch, type WatchProcess } from '../../lab/start-watch.ts'
import { CHECK_OUT, openStoreService, type StoreService } from '../../lab/store-service.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { watchLeaseName } from '../../src/commands/watch-lease.ts'
import { eventsIn, inJournal } from '../support/look-into-journal.ts'
import { exhaustive } from '../support/sampled.ts'

let lab: Lab
let store: StoreService
let watch: WatchProcess | null = null

beforeAll(async () => {
  lab = await openLab({ name: 'watch' })
  store = await openStoreService(lab, {
    install: 'copy',
    smoke: ['GET /categories'],
    bake: '100ms',
    window: '300ms',
    timeout: '20s',
    watch: {
      countdown: '0s',
      policy: 'act',
      flows: [CHECK_OUT],
      // The machine of a test is as fast as its other tests let it be.
      triggers: { slowdown: 'off' },
      slowdown: '1000%',
      // A rate that a quarter of the requests prove.
      recovery: { slowdown: '1000%', errorRate: '4%' },
    },
  })
  await store.document('deploy', 'good-2', '--yes')
  await startTraffic({ url: store.url, rate: 25 })
})
afterAll(() => lab.close())

interface Status {
  live: { id: string; by: string }
  findings: { id: string; trigger: string; release: string }[]
  verdict: { id: string; decision: string } | null
  watcher: { holder: string } | null
  unfinished: unknown
}

const status = async () => (await store.document('status')) as unknown as Status

const events = () => eventsIn(store.home)

/** How far the journal is, and who watches: nothing else changes what `until` waits for. */
const news = () =>
  inJournal(store.home, async (journal) => {
    const position = await journal.position('my-store-api')
    const watcher = await journal.current(watchLeaseName('my-store-api'))
    return `${position} ${watcher?.holder}`
  })

/** Each status is a process: it is asked for again when there is news. */
async function until(what: string, ready: (now: Status) => boolean): Promise<Status> {
  let seen = ''
  let now: Status | undefined
  const look = async () => {
    const latest = await news()
    if (latest !== seen) now = await status()
    seen = latest
    return now !== undefined && ready(now) ? now : undefined
  }
  return waitUntil(look, { what, timeoutMs: 60_000, everyMs: 50 })
}

/** Rollbacks that were begun on a verdict, with the release that was left. */
const rollbacks = async () =>
  (await events()).flatMap((event) =>
    event.type === 'RunStarted' && event.data.verdict !== undefined ? [event.data.plan.from] : [],
  )

test('a release that fails is left by itself, once, though the watcher is killed again and again', async () => {
  watch = startWatch(store)
  await until('the watcher', ({ watcher }) => watcher !== null)
  await store.document('deploy', 'bad-errors', '--yes', '--no-wait')
  for (let kills = 0; kills < (exhaustive ? 50 : 3); kills++) {
    await pause(Math.random() * 2_500)
    await watch.kill('SIGKILL')
    watch = startWatch(store)
  }
  await until('the way back', ({ live }) => live.by === 'rollback')
  await until('the end of the verdict', ({ verdict }) => verdict === null)
  expect(await rollbacks()).toEqual(['r2'])
  const refused = await store.lastgood('deploy', 'bad-errors', '--yes', '--json')
  expect(JSON.parse(refused.stdout)).toMatchObject({ code: 'COMMIT_BAD', serving: { release: 'r1' } })
  const why = await store.lastgood('why')
  expect(why.stdout).toMatch(/f1 against r2: error-rate/)
  // Proven, not assumed: the good release is judged as well.
  const recovered = async () => (await events()).some(({ type }) => type === 'RecoveryJudged')
  await waitUntil(recovered, { what: 'the recovery', timeoutMs: 60_000, everyMs: 50 })
  expect((await events()).find(({ type }) => type === 'RecoveryJudged')).toMatchObject({
    data: { release: 'r1', outcome: 'confirmed' },
  })
})

test('a second watcher is told who watches', async () => {
  const second = await store.lastgood('watch', '--json')
  expect(second.exitCode).toBe(40)
  expect(JSON.parse(second.stdout)).toMatchObject({ code: 'WATCHED_ALREADY' })
})

test('a deploy that is watched is told what the watcher found; only checkout is broken', async () => {
  const deployed = await store.lastgood('deploy', 'bad-checkout', '--yes', '--watch', '--json')
  expect(deployed.exitCode).toBe(29)
  expect(JSON.parse(deployed.stdout)).toMatchObject({
    code: 'FOUND_BAD',
    bake: 'found-bad',
    message: expect.stringMatching(
      /r3 was found bad .*"check out" failed 2 times.*POST \/checkout: status 500/,
    ),
    serving: { release: 'r1' },
  })
  expect(await rollbacks()).toEqual(['r2', 'r3'])
  // Traffic is back when the deploy says so; the watcher is still at the end of its run.
  await until('the end of the way back', ({ unfinished }) => unfinished === null)
})

test('ask waits for a person, whose word is a finding as well, and who may call it off', async () => {
  await watch?.kill('SIGINT')
  watch = startWatch(store, '--policy', 'ask')
  await until('the watcher', ({ watcher }) => watcher !== null)
  // What came by a rollback is not rolled back: a good release by a deploy, to have something to ask about.
  await store.document('deploy', 'good-2', '--yes')
  const { live } = await status()
  await store.document('flag', 'security', 'a stranger was logged in')
  const asked = await until('the verdict', ({ verdict }) => verdict !== null)
  expect(asked).toMatchObject({
    findings: [{ trigger: 'security' }],
    verdict: { decision: 'ask', to: 'r1' },
    fixForward: { extended: false },
  })
  const refused = await store.lastgood('extend', 'soon', '--reason', 'x', '--json')
  expect(refused.exitCode).toBe(2)
  await store.document('extend', '1h', '--reason', 'the fix is in review')
  expect(await status()).toMatchObject({ fixForward: { extended: true } })
  await store.document('cancel', '--yes', '--reason', 'it was me')
  await until('no verdict', ({ verdict }) => verdict === null)
  await store.document('cancel', '--yes', '--reason', 'it was me')
  expect(await status()).toMatchObject({ findings: [], verdict: null, fixForward: null, live })
  const nothing = await store.lastgood('cancel', '--yes', '--reason', 'again', '--json')
  expect(JSON.parse(nothing.stdout)).toMatchObject({ code: 'NOTHING_OPEN' })
})

test('when the database is gone every release is sick: nothing is moved, a person is called, and it ends by itself', async () => {
  await watch?.kill('SIGINT')
  watch = startWatch(store)
  await until('the watcher', ({ watcher }) => watcher !== null)
  const { live } = await status()
  const allow = (yes: boolean) =>
    store.lab
      .postgres()
      .then(({ query }) => query('postgres', `ALTER DATABASE store ALLOW_CONNECTIONS ${yes}`))
  await allow(false)
  const { query } = await store.lab.postgres()
  await query('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'store'`)
  const held = await until('the hold', ({ verdict }) => verdict?.decision === 'hold')
  expect(held).toMatchObject({ live: { id: live.id, by: 'deploy' } })
  // It was tried, once: the release before cannot do without a database either, and was never let near a shopper.
  const tried = (await events()).filter(({ type }) => type === 'RunPutBack')
  expect(tried).toMatchObject([{ data: { code: 'TARGET_SICK' } }])
  await allow(true)
  const after = await until(
    'the end of it',
    ({ verdict, findings }) => verdict === null && findings.length === 0,
  )
  expect(after.live).toMatchObject({ id: live.id, by: 'deploy' })
})

test('a deploy without a watcher brings the judge along, beside its run', async () => {
  await watch?.kill('SIGINT')
  const { live } = await status()
  const args = ['--yes', '--watch', '--force', '--reason', 'it was marked bad before', '--json']
  const deploying = store.lastgood('deploy', 'bad-errors', ...args)
  await until('the judge beside the run', (now) => now.watcher !== null && now.live.id === live.id)
  const deployed = await deploying
  expect(deployed.exitCode).toBe(29)
  expect(JSON.parse(deployed.stdout)).toMatchObject({
    code: 'FOUND_BAD',
    bake: 'found-bad',
    serving: { release: live.id },
  })
  expect(await status()).toMatchObject({ live: { id: live.id, by: 'rollback' }, watcher: null })
  // The deploy's own run had ended, and well, before the way back began.
  const runs = (await events()).flatMap(({ type, data }) =>
    type === 'RunStarted' ? [data.plan.verb] : type === 'RunSucceeded' ? [type] : [],
  )
  expect(runs.slice(-4)).toEqual(['deploy', 'RunSucceeded', 'rollback', 'RunSucceeded'])
})

test('it says what came of the bake, and judges nothing that never served', async () => {
  const look = /\d+ requests.*(not yet|proven)/
  const crashed = await store.lastgood('deploy', 'bad-crash-on-boot', '--yes', '--watch')
  expect(crashed.exitCode).toBeGreaterThan(0)
  expect(crashed.stdout).not.toMatch(look)
  const good = await store.lastgood('deploy', 'good-2', '--yes', '--watch')
  expect(good.exitCode, good.stdout).toBe(0)
  expect(good.stdout).toMatch(look)
  expect(good.stdout).toMatch(/r\d+ is proven\.\nServing now:/)
})
