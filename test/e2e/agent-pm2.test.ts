import { afterAll, beforeAll, expect, test } from 'vitest'
import { ask, control, freePort, until } from '../fixtures/agent/harness.ts'
import { startLoad } from '../fixtures/agent/load.ts'
import { Pm2 } from '../fixtures/agent/pm2.ts'

let pm2: Pm2
let port: number

beforeAll(async () => {
  pm2 = new Pm2()
  port = await freePort()
  await pm2.start('r1', { port }, { LEFT_BY_FIRST: 'in the daemon for good' })
  await pm2.reach('r1', 'listening')
})
afterAll(() => pm2.end())

/** The one short switch: everyone of the new listens, then everyone of the old drains. Its time in ms. */
async function switchTo(to: string, was: 'holding' | 'drained', from: string): Promise<number> {
  const newer = await pm2.reach(to, was)
  const older = await pm2.reach(from, 'listening')
  const began = performance.now()
  const activated = await Promise.all(newer.map((pid) => control(pm2.ctl(to, pid), 'POST', '/activate')))
  expect(activated.map(({ code, body }) => [code, body.state])).toEqual(newer.map(() => [200, 'listening']))
  const targets = newer.map((pid) => pm2.app(to, pid))
  await Promise.all(older.map((pid) => control(pm2.ctl(from, pid), 'POST', '/drain', { to: targets })))
  return performance.now() - began
}

test('a release is started beside the live one, held, probed, and gets no traffic', async () => {
  pm2.hold('r2')
  await pm2.start('r2', { port, envKeys: ['NAME', 'PORT', 'ON_SIGINT'] })
  const pids = await pm2.reach('r2', 'holding')
  for (const pid of pids) expect((await ask({ socketPath: pm2.app('r2', pid) })).body).toBe('r2\n')
  for (let i = 0; i < 20; i++) expect((await ask({ port })).body).toBe('r1\n')
})

test('only its own variables are set in a release that names them; those of the daemon are not', async () => {
  const envOf = async (release: string, state: string) => {
    const [pid = 0] = await pm2.reach(release, state)
    return JSON.parse((await ask({ socketPath: pm2.app(release, pid), path: '/env' })).body)
  }
  expect(await envOf('r1', 'listening')).toHaveProperty('LEFT_BY_FIRST')
  const env = await envOf('r2', 'holding')
  expect(env).not.toHaveProperty('LEFT_BY_FIRST')
  expect(env).toMatchObject({ NAME: 'r2', PORT: String(port), LASTGOOD_RELEASE: 'r2', name: 'r2' })
  expect(env).toHaveProperty('PATH')
})

test('a worker of a held release that dies is held again; one of a live release listens by itself', async () => {
  for (const [release, state] of [
    ['r2', 'holding'],
    ['r1', 'listening'],
  ] as const) {
    const [victim = 0] = await pm2.reach(release, state)
    process.kill(victim, 'SIGKILL')
    await until('its successor', async () => !(await pm2.reach(release, state)).includes(victim))
  }
  expect((await ask({ port })).body).toBe('r1\n')
})

test('to and fro under load: nothing fails, and nothing sent after a switch is answered by the release before', async () => {
  const load = startLoad(port)
  await until('load', () => load.seen.all > 100)
  const times: number[] = []
  for (const [to, was, from] of [
    ['r2', 'holding', 'r1'],
    ['r1', 'drained', 'r2'],
    ['r2', 'drained', 'r1'],
    ['r1', 'drained', 'r2'],
    ['r2', 'drained', 'r1'],
  ] as const) {
    times.push(await switchTo(to, was, from))
    load.expect(to)
    await pm2.reach(from, 'drained')
    const { all } = load.seen
    await until('more load', () => load.seen.all > all + 200)
  }
  await load.stop()
  expect({ failed: load.seen.failed, late: load.late() }).toEqual({ failed: [], late: 0 })
  console.log(
    `switches: ${times.map((ms) => ms.toFixed(1)).join(', ')} ms, ${load.seen.all} requests, ${JSON.stringify([...load.seen.byRelease])}`,
  )
})

test('no app noticed: one listening and one callback for each process, no close, nothing on stderr', () => {
  for (const release of ['r1', 'r2']) {
    const [listening, callback, close] = ['listening', 'callback', 'close'].map((event) =>
      pm2.events(release, event),
    )
    // r1: two workers and the successor of the one that was killed; r2's first was killed while it was held.
    expect([listening, callback, close]).toEqual(release === 'r1' ? [3, 3, 0] : [2, 2, 0])
    expect(pm2.errors(release)).toBe('')
  }
})

test('a drained release is deleted and every process ends with code 0, its callbacks run', async () => {
  await pm2.reach('r1', 'drained')
  await pm2.command(['delete', 'r1'])
  expect(pm2.daemonLog().match(/App \[r1:\d+\] exited with code \[0\] via signal \[SIGINT\]/g)).toHaveLength(
    2,
  )
  expect(pm2.events('r1', 'close')).toBe(2)
  expect((await ask({ port })).body).toBe('r2\n')
})
