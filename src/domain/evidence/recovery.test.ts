import { expect, test } from 'vitest'
import { latencySource } from '../../../test/support/latencies.ts'
import {
  addRecovery,
  type Counts,
  DEFAULT_RECOVERY_POLICY,
  type LatencyCounts,
  latencyOf,
  type RecoveryState,
  recoveryOf,
  startRecovery,
} from './index.ts'

const draw = latencySource(2)
const baseline = latencyOf(draw(20, 5_000))
const begin = (against: LatencyCounts | null = null) =>
  startRecovery(DEFAULT_RECOVERY_POLICY, { baseline: against })

function watch(state: RecoveryState, seconds: number, look: (second: number) => Counts): RecoveryState {
  let after = state
  // Ten requests a second.
  for (let i = 1; i <= seconds; i++) after = addRecovery(after, (after.requests + 10) * 100, look(i))
  return after
}
const clean = (latency: LatencyCounts | null = null): Counts => ({ requests: 10, errors: 0, latency })

test('not yet, so many clean requests more; and then it is confirmed, with about as many', () => {
  let state = watch(begin(), 5, () => clean())
  expect(recoveryOf(state)).toMatchObject({ outcome: 'undecided', requests: 50 })
  const { needs } = recoveryOf(state)
  let more = 0
  while (recoveryOf(state).outcome === 'undecided') {
    state = addRecovery(state, state.requests * 100, { requests: 1, errors: 0, latency: null })
    more++
  }
  expect(Math.abs(more - (needs ?? 0))).toBeLessThanOrEqual(30)
  expect(recoveryOf(state)).toMatchObject({ outcome: 'confirmed', needs: null })
  // 299 is the least that any test can do with.
  expect(state.requests).toBeGreaterThan(299)
  expect(state.requests).toBeLessThan(420)
})

test('errors now and then cost requests; more than 1 % is refuted, and a spike sooner', () => {
  const some = watch(begin(), 300, (i) => ({ requests: 10, errors: i % 50 === 0 ? 1 : 0, latency: null }))
  expect(recoveryOf(some).outcome).toBe('confirmed')
  const many = watch(begin(), 300, (i) => ({ requests: 10, errors: i % 4 === 0 ? 1 : 0, latency: null }))
  expect(recoveryOf(many)).toMatchObject({ outcome: 'refuted', refuted: { by: 'errors' } })
  const spike = watch(begin(), 20, () => ({ requests: 10, errors: 8, latency: null }))
  expect(recoveryOf(spike).outcome).toBe('refuted')
})

test('refuted is not for ever: the same again, with as many clean requests as from the start', () => {
  const refuted = watch(begin(), 60, () => ({ requests: 10, errors: 5, latency: null }))
  expect(recoveryOf(refuted).outcome).toBe('refuted')
  expect(recoveryOf(watch(refuted, 25, () => clean())).outcome).toBe('refuted')
  expect(recoveryOf(watch(refuted, 100, () => clean())).outcome).toBe('confirmed')
})

test('latency has to be back as well', () => {
  const back = watch(begin(baseline), 600, () => clean(latencyOf(draw(20, 10))))
  expect(recoveryOf(back)).toMatchObject({ outcome: 'confirmed' })
  const slow = watch(begin(baseline), 200, () => clean(latencyOf(draw(30, 10))))
  expect(recoveryOf(slow)).toMatchObject({ outcome: 'refuted', refuted: { by: 'latency' } })
})

test('in buckets as wide as those of the agent, too', () => {
  const le = Array.from({ length: 57 }, (_, i) => Number((0.5 * 1.25 ** i).toPrecision(4)))
  const bucketed = (list: number[]): LatencyCounts => ({
    le,
    count: [...le, Number.POSITIVE_INFINITY].map(
      (bound, i) => list.filter((ms) => ms <= bound && ms > (le[i - 1] ?? 0)).length,
    ),
  })
  const against = bucketed(draw(20, 5_000))
  expect(recoveryOf(watch(begin(against), 300, () => clean(bucketed(draw(20, 10))))).outcome).toBe(
    'confirmed',
  )
  expect(recoveryOf(watch(begin(against), 300, () => clean(bucketed(draw(40, 10))))).outcome).toBe('refuted')
})

test('a baseline that can show nothing is never taken for a yes', () => {
  const state = watch(begin(latencyOf([20])), 200, () => clean(latencyOf(draw(20, 10))))
  expect(recoveryOf(state)).toMatchObject({ outcome: 'undecided', needs: null })
})

test('saved and read back, it goes on', () => {
  const half = watch(begin(baseline), 10, () => clean(latencyOf([20, 30])))
  const on = (state: RecoveryState) => watch(state, 10, () => clean(latencyOf([20, 30])))
  expect(on(JSON.parse(JSON.stringify(half)))).toEqual(on(half))
})

test('what tells of requests that wait is judged as well', () => {
  let state = begin(baseline)
  for (let second = 1; second <= 400; second++) {
    const latency = latencyOf(draw(20, 50))
    const late = latency.le.map(() => 0)
    state = addRecovery(state, second * 1_000, { requests: 50, errors: 0, latency, late })
  }
  expect(recoveryOf(state).outcome).toBe('confirmed')
})
