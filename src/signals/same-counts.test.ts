import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startPrometheus } from '../../lab/prometheus/start-server.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { type App, ask, Stage } from '../../test/fixtures/agent/harness.ts'
import { createAgentSignals } from '../agent-client/agent-signals.ts'
import { listSockets } from '../agent-client/run-folder.ts'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import type { LatencyCounts } from '../domain/evidence/counts.ts'
import { countSince, type Look } from '../domain/readings/count-since.ts'
import { NOTHING_READ } from '../domain/readings/memory.ts'
import type { Signals } from '../ports/signals.ts'
import { createEndpointSignals } from './endpoint-signals.ts'
import { createPrometheusSignals } from './prometheus-signals.ts'

const clock = { now: () => Date.now() }
const settings = { ...DEFAULT_WATCH.signals, sessions: 'carts' }

let lab: Lab
let stage: Stage

beforeAll(async () => {
  lab = await openLab({ name: 'signals' })
  stage = new Stage()
})
afterAll(async () => {
  await stage?.end()
  await lab?.close()
})

async function start(release: string): Promise<{ app: App; port: number }> {
  const app = stage.start({ fixture: 'metrics.cjs', release })
  const { address } = await app.tells('listening')
  return { app, port: (address as { port: number }).port }
}

async function send(port: number, path: string, times: number): Promise<void> {
  await Promise.all(Array.from({ length: times }, () => ask({ port, path })))
}

async function look(signals: Signals): Promise<Look & { said: string[] }> {
  const read = await signals.read()
  if (!read.ok) throw new Error(read.detail)
  const made = countSince(NOTHING_READ, read.readings, clock.now())
  return { ...made, said: [...read.problems, ...made.problems] }
}

/** A bucket's bound of the metrics pages. */
const SLOW_MS = 2_000

/** What is the same wherever it was counted: each source takes time by itself, and has buckets of its own. */
const judged = ({ byRelease }: Look) =>
  Object.fromEntries(
    Object.entries(byRelease).map(([release, { requests, errors, latency }]) => [
      release,
      { requests, errors, timed: above(latency, 0), slow: above(latency, SLOW_MS) },
    ]),
  )

function above(latency: LatencyCounts | null, ms: number): number {
  if (latency === null) return Number.NaN
  return latency.count.reduce(
    (sum, count, index) => ((latency.le[index - 1] ?? 0) >= ms ? sum + count : sum),
    0,
  )
}

test('the agent, the metrics pages and the real Prometheus count the same', async () => {
  const [r1, r2] = await Promise.all([start('r1'), start('r2')])
  // The other job scrapes the same pages: whose series they are, the selector says.
  const targets = [r1, r2].map(({ port }) => `127.0.0.1:${port}`)
  const [{ url }] = await Promise.all([
    startPrometheus(lab, { store: targets, other: targets }),
    send(r1.port, '/a', 20),
    send(r1.port, '/b?code=404', 3),
    send(r2.port, '/a', 5),
    send(r2.port, '/b?code=503', 7),
    // Slower by far than what is only kept waiting by a busy machine.
    send(r2.port, '/a?ms=2500', 4),
  ])
  const expected = {
    r1: { requests: 23, errors: 0, timed: 23, slow: 0 },
    r2: { requests: 16, errors: 7, timed: 16, slow: 4 },
  }

  const byAgent = await look(createAgentSignals({ folder: stage.run, timeoutMs: 1_000, clock }))
  expect(judged(byAgent)).toEqual(expected)

  const instances = async () =>
    (await listSockets(stage.run)).map(({ release, pid, private: socketPath }) => ({
      release,
      pid,
      socketPath,
    }))
  const pages = createEndpointSignals({ settings, instances, clock })
  expect(judged(await look(pages))).toEqual(expected)
  // Whoever asks for metrics is no traffic, so a second look sees nothing new.
  const byPages = await look(pages)
  expect(judged(byPages)).toEqual(expected)

  const prometheus = createPrometheusSignals({
    settings: { ...settings, url, selector: 'job="store"' },
    clock,
  })
  // On a busy machine a scrape is given up now and then, and the next one has it all.
  const byPrometheus = await waitUntil(
    async () => {
      const seen = await look(prometheus)
      expect(judged(seen)).toEqual(expected)
      expect(seen.said).toEqual([])
      return seen
    },
    { what: 'both to be scraped' },
  )

  for (const { used, said } of [byAgent, byPages, byPrometheus]) {
    expect(said).toEqual([])
    expect(used).toHaveLength(2)
    for (const { release, startedAt, rss } of used) {
      const status = await (release === 'r1' ? r1 : r2).app.status()
      expect(Math.abs((startedAt ?? 0) - Number(status.startedAt))).toBeLessThan(60_000)
      expect(rss).toBeGreaterThan(10_000_000)
    }
  }

  // One that is gone has no numbers any more, and that is said.
  await r1.app.stop()
  await waitUntil(
    async () => {
      const seen = await look(prometheus)
      expect(judged(seen)).toEqual({ r2: expected.r2 })
      expect(seen.said).toEqual([`Prometheus cannot scrape 127.0.0.1:${r1.port}`])
      return true
    },
    { what: 'the end of r1 to be seen' },
  )
  expect(judged(await look(pages))).toEqual({ r2: expected.r2 })
})
