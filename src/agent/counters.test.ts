import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, loadAgentModule, Stage, until } from '../../test/fixtures/agent/harness.ts'
import { openConnection } from '../../test/fixtures/agent/pair.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

const sum = (counts: number[]) => counts.reduce((total, count) => total + count)

async function start() {
  const app = stage.start()
  await app.tells('listening')
  const [port = 0] = (await app.status()).ports
  return { app, port }
}

test('every answer counts once, in its class and in one bucket', async () => {
  const { app, port } = await start()
  const codes = [200, 200, 204, 301, 304, 404, 404, 404, 500, 503]
  const connection = await openConnection(port)
  for (const code of codes) await connection.ask(`/status?code=${code}`)
  await ask({ socketPath: app.app, path: '/status?code=500' })
  const { counters, latency, inFlight, oldestMs, connections } = await app.status()
  expect(counters).toEqual({ requests: 10, '1xx': 0, '2xx': 3, '3xx': 2, '4xx': 3, '5xx': 2, aborted: 0 })
  expect(latency.count.reduce((sum, count) => sum + count)).toBe(10)
  expect(latency.count).toHaveLength(latency.le.length + 1)
  expect({ inFlight, oldestMs, connections }).toEqual({ inFlight: 0, oldestMs: 0, connections: 1 })
})

test('the histogram knows how long an answer took', async () => {
  const { app, port } = await start()
  const sentAt = performance.now()
  await ask({ port, path: '/slow?ms=250' })
  const { latency } = await app.status()
  // It may count a moment longer than the client has waited, and not until it tells.
  const took = performance.now() - sentAt
  const bucket = latency.count.indexOf(1)
  expect(latency.le[bucket]).toBeGreaterThanOrEqual(245)
  expect(latency.le[bucket - 1]).toBeLessThan(took)
})

test('requests in flight and the age of the oldest one', async () => {
  const { app, port } = await start()
  const first = ask({ port, path: '/wait' })
  await until('100 ms', async () => (await app.status()).oldestMs >= 100)
  const sentAt = performance.now()
  const second = ask({ port, path: '/wait' })
  await until('both', async () => (await app.status()).inFlight === 2)
  app.go()
  await first
  const { inFlight, oldestMs } = await app.status()
  expect(inFlight).toBe(1)
  // No longer than it is since it was sent, and the first one was a hundred older.
  expect(oldestMs).toBeLessThan(performance.now() - sentAt + 50)
  app.go()
  await second
  expect(await app.status()).toMatchObject({ inFlight: 0, oldestMs: 0 })
})

test('a client that leaves counts as aborted, not as answered', async () => {
  const { app, port } = await start()
  const connection = await openConnection(port)
  await connection.ask('/')
  const gone = connection.ask('/slow?ms=60000').catch((error) => error.code)
  await until('in flight', async () => (await app.status()).oldestMs >= 100)
  connection.leave()
  expect(await gone).toBe('ECONNRESET')
  await until('seen', async () => (await app.status()).inFlight === 0)
  const { counters, latency } = await app.status()
  expect(counters).toMatchObject({ requests: 2, '2xx': 1, aborted: 1 })
  expect(sum(latency.count)).toBe(1)
  expect(latency.le[latency.abandoned.indexOf(1)]).toBeGreaterThanOrEqual(100)
})

test('a request that waits is told with its age, until its answer begins', async () => {
  const { app, port } = await start()
  const slow = ask({ port, path: '/wait' })
  await until('100 ms', async () => (await app.status()).oldestMs >= 100)
  const { latency, oldestMs } = await app.status()
  expect(sum(latency.waiting)).toBe(1)
  expect(sum(latency.count)).toBe(0)
  const bucket = latency.waiting.indexOf(1)
  expect(latency.le[bucket - 1]).toBeLessThanOrEqual(oldestMs + 1)
  app.go()
  await slow
  const stream = await openConnection(port)
  const gone = stream.ask('/drip?ms=60000').catch((error) => error.code)
  await until('begun', async () => {
    const { inFlight, latency: now } = await app.status()
    return inFlight === 1 && sum(now.waiting) === 0
  })
  stream.leave()
  expect(await gone).toBe('ECONNRESET')
  await until('seen', async () => (await app.status()).inFlight === 0)
  const after = await app.status()
  expect(after.counters.aborted).toBe(1)
  expect([sum(after.latency.count), sum(after.latency.waiting), sum(after.latency.abandoned)]).toEqual([
    1, 0, 0,
  ])
})

test('the bounds grow by a tenth from half a millisecond to two minutes, and each value falls below its own', async () => {
  const { le, bucketOf } = await loadAgentModule('latency')
  expect([le[0], le.at(-1)]).toEqual([0.5, 120_000])
  for (let i = 1; i < le.length - 1; i++) expect(le[i] / le[i - 1]).toBeCloseTo(1.1, 2)
  expect([bucketOf(0), bucketOf(0.5), bucketOf(119_999), bucketOf(120_000)]).toEqual([
    0,
    0,
    le.length - 1,
    le.length - 1,
  ])
  expect([bucketOf(120_001), bucketOf(9e9)]).toEqual([le.length, le.length])
  for (let i = 1; i < le.length; i++) {
    expect(bucketOf(le[i])).toBe(i)
    expect(bucketOf(le[i] - 1e-6)).toBe(i)
    expect(bucketOf(le[i] + 1e-6)).toBe(i + 1)
  }
})
