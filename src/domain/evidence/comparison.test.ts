import { expect, test } from 'vitest'
import {
  addCounts,
  type Counts,
  DEFAULT_POLICY,
  type JudgeState,
  judgementOf,
  latencyOf,
  startJudge,
} from './index.ts'

const counts = (requests: number, errors: number): Counts => ({ requests, errors, latency: null })
const begin = (switchedAt: number | null = null) => startJudge(DEFAULT_POLICY, { baseline: null, switchedAt })

function watch(state: JudgeState, seconds: number, look: Counts, other?: Counts): JudgeState {
  let after = state
  for (let i = 0; i < seconds; i++) after = addCounts(after, (after.at ?? 0) + 1_000, look, other)
  return after
}
const errorsOf = (state: JudgeState) => judgementOf(state).triggers[0]

test.for([
  ['both fail all', 100, 100],
  ['both fail alike', 30, 30],
  ['the new one a little more often', 30, 20],
] as const)('%s: not convicted, and said', ([, mine, others]) => {
  const state = watch(begin(0), 300, counts(100, mine), counts(100, others))
  expect(errorsOf(state)).toMatchObject({ outcome: 'undecided', veto: 'both-sick', needs: null })
})

test('the other is well, only not much better: that is another word', () => {
  const state = watch(begin(), 300, counts(100, 8), counts(100, 5))
  expect(errorsOf(state)).toMatchObject({ outcome: 'undecided', veto: 'not-worse' })
})

test.for([
  ['all of it', 100, 0, 100],
  ['a third, a tenth of the traffic', 30, 1, 900],
  ['a tenth', 10, 1, 100],
] as const)(
  'only the new one fails, %s: convicted as soon as without the other',
  ([, mine, others, traffic]) => {
    const alone = watch(begin(), 120, counts(100, mine))
    const beside = watch(begin(), 120, counts(100, mine), counts(traffic, others))
    expect(errorsOf(beside)).toMatchObject({ outcome: 'bad', firedAt: errorsOf(alone)?.firedAt })
  },
)

test('when the other is well again, or gone for a minute, the veto ends', () => {
  const sick = watch(begin(), 120, counts(100, 40), counts(100, 40))
  expect(errorsOf(watch(sick, 20, counts(100, 40), counts(100, 0)))).toMatchObject({ outcome: 'bad' })
  expect(errorsOf(watch(sick, 55, counts(100, 40)))).toMatchObject({ outcome: 'undecided' })
  expect(errorsOf(watch(sick, 70, counts(100, 40)))).toMatchObject({ outcome: 'bad' })
})

test('when the fault is over before the other is, nobody is convicted for what was', () => {
  const sick = watch(begin(), 60, counts(100, 40), counts(100, 40))
  const well = watch(sick, 900, counts(100, 0), counts(100, 0))
  expect(errorsOf(well)?.outcome).not.toBe('bad')
})

test('what drains beside with a handful of requests is nobody to be held against', () => {
  const state = watch(begin(0), 3, counts(100, 100), counts(2, 0))
  expect(errorsOf(state)).toMatchObject({ outcome: 'bad', firedAt: 3_000 })
})

test('requests that nobody answers are as slow as any, for both', () => {
  const baseline = latencyOf(Array.from({ length: 2_000 }, (_, i) => 10 + (i % 40)))
  const { le } = baseline
  const latency = latencyOf(new Array(10).fill(30))
  // Each second ten are answered as fast as ever, and ten become older than every bound and are never answered.
  const hanging: Counts = { requests: 10, errors: 0, latency, late: le.map(() => 10) }
  const well: Counts = { requests: 10, errors: 0, latency }
  const start = () => startJudge(DEFAULT_POLICY, { baseline, switchedAt: null })
  const slownessOf = (state: JudgeState) =>
    judgementOf(state).triggers.find(({ trigger }) => trigger === 'slowdown')
  expect(slownessOf(watch(start(), 120, hanging, hanging))).toMatchObject({
    outcome: 'undecided',
    veto: 'both-sick',
  })
  expect(slownessOf(watch(start(), 120, hanging, well))).toMatchObject({ outcome: 'bad' })
})
