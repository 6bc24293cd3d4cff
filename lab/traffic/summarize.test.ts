import { describe, expect, it } from 'vitest'
import type { Sample } from './sample.ts'
import { summarize } from './summarize.ts'

const sample = (at: number, changes: Partial<Sample> = {}): Sample => ({
  at,
  ms: 5,
  waitedMs: 0,
  method: 'GET',
  route: '/products',
  status: 200,
  release: 'r1',
  version: '1.0.0',
  ...changes,
})
const reset = { status: 0, error: 'ECONNRESET', release: null, version: null }

describe('summarize', () => {
  it('counts no answer and 5xx as failed, and a refusal as an answer', () => {
    const summary = summarize([
      sample(0),
      sample(1, { status: 404 }),
      sample(2, { status: 500 }),
      sample(3, reset),
    ])
    expect(summary).toMatchObject({ requests: 4, failed: 2, failures: { 500: 1, ECONNRESET: 1 } })
    expect(summary.byVersion).toEqual({
      '1.0.0': { requests: 3, failed: 1 },
      none: { requests: 1, failed: 1 },
    })
  })

  it('knows when the last request that the bad release answered was sent, in whatever order answers came', () => {
    const samples = [
      sample(100, { version: '1.2.0-bad', ms: 300 }),
      sample(50, { version: '1.2.0-bad' }),
      sample(120),
    ]
    const summary = summarize(samples, { badVersion: '1.2.0-bad', from: 40 })
    expect(summary).toMatchObject({ lastBadResponseSentAt: 100, lastBadResponseMs: 60 })
  })

  it('knows the bad release by name too, and says null when it never answered', () => {
    const samples = [sample(10, { release: 'r2' }), sample(20)]
    expect(summarize(samples, { badRelease: 'r2' }).lastBadResponseSentAt).toBe(10)
    expect(summarize(samples, { badRelease: 'r2', from: 15 }).lastBadResponseMs).toBeNull()
  })

  it('measures how long no good answer ended, from the given moment on', () => {
    const samples = [sample(0), sample(20), sample(30, reset), sample(400, reset), sample(900), sample(910)]
    expect(summarize(samples).unavailableMs).toBe(905 - 25)
  })

  it('counts an outage that never ended, but not slow answers after the last request', () => {
    expect(summarize([sample(0), sample(500, reset)]).unavailableMs).toBe(495)
    expect(summarize([sample(0), sample(10, { ms: 900 })]).unavailableMs).toBe(5)
  })

  it('adds the wait for a connection to the latency', () => {
    const samples = Array.from({ length: 100 }, (_, i) => sample(i, { ms: i + 1, waitedMs: 100 }))
    expect(summarize(samples).latencyMs).toEqual({ p50: 150, p95: 195, p99: 199, max: 200 })
  })

  it('has nothing to say about nothing', () => {
    expect(summarize([])).toMatchObject({ requests: 0, failed: 0, unavailableMs: 0 })
  })
})
