import { describe, expect, test } from 'vitest'
import { latencySource } from '../../../test/support/latencies.ts'
import {
  addCounts,
  type Counts,
  DEFAULT_POLICY,
  type Judgement,
  type JudgePolicy,
  type JudgeState,
  judgementOf,
  type LatencyCounts,
  latencyOf,
  startJudge,
} from './index.ts'
import { addLatency } from './latency-counts.ts'
import { limitsOf } from './limits.ts'

const draw = latencySource(1)
const baseline = latencyOf(draw(20, 5_000))
const MEDIAN = 20
const AGENT_BOUNDS = Array.from({ length: 57 }, (_, i) => Number((0.5 * 1.25 ** i).toPrecision(4)))
const inAgentBuckets = (list: readonly number[]) => {
  const empty: LatencyCounts = { le: AGENT_BOUNDS, count: new Array(AGENT_BOUNDS.length + 1).fill(0) }
  return addLatency(empty, latencyOf(list)) ?? empty
}

const served = (
  list: number[],
  bucketed: (list: readonly number[]) => LatencyCounts = latencyOf,
): Counts => ({
  requests: list.length,
  errors: 0,
  latency: bucketed(list),
})

/** A look every five seconds until it is decided, at most `seconds`. */
function judge(
  times: number,
  { seconds = 900, perSecond = 10, buckets = latencyOf, ...rest }: Setup = {},
): Judgement & { seconds: number } {
  let state = begin(rest)
  let second = 0
  while (second < seconds && !isDecided(state)) {
    second += 5
    state = addCounts(
      state,
      second * 1_000,
      served(draw(MEDIAN * times, 5 * perSecond), buckets),
      rest.other?.(),
    )
  }
  return { ...judgementOf(state), seconds: second }
}

interface Setup {
  seconds?: number
  perSecond?: number
  buckets?: (list: readonly number[]) => LatencyCounts
  against?: LatencyCounts
  policy?: Partial<JudgePolicy>
  other?: () => Counts
}

const begin = ({ against = baseline, policy = {} }: Setup): JudgeState =>
  startJudge({ ...DEFAULT_POLICY, ...policy }, { baseline: against, switchedAt: null })
const isDecided = ({ slow }: JudgeState) =>
  slow !== null && (slow.state.bad !== null || slow.state.fine !== null)
const slowdownOf = ({ triggers }: Judgement) => triggers.find(({ trigger }) => trigger === 'slowdown')

describe('slower than the baseline', () => {
  test('twice and three times is found, within a minute or two at ten requests a second', () => {
    const twice = judge(2)
    expect(slowdownOf(twice)).toMatchObject({ outcome: 'bad', limit: { quantile: expect.any(Number) } })
    expect(twice.seconds).toBeLessThanOrEqual(120)
    expect(judge(3).seconds).toBeLessThanOrEqual(40)
  })

  test('what is not slower is shown to be fine; 45 % slower is neither', () => {
    expect(slowdownOf(judge(1, { seconds: 3_600 }))).toMatchObject({ outcome: 'fine' })
    expect(slowdownOf(judge(1.45, { seconds: 3_600 }))).toMatchObject({ outcome: 'undecided' })
  })

  test('only the slowest of a hundred: that is a slowdown too', () => {
    const some = () => draw(MEDIAN, 100).map((ms, i) => (i < 10 ? ms * 20 : ms))
    let state = begin({})
    for (let second = 1; second <= 60; second++) state = addCounts(state, second * 1_000, served(some()))
    expect(slowdownOf(judgementOf(state))).toMatchObject({ outcome: 'bad' })
  })

  test('one bet a request is faster, where slowness does not come in bursts', () => {
    const each = judge(3, { policy: { slotMs: 'request' } })
    expect(slowdownOf(each)).toMatchObject({ outcome: 'bad' })
    expect(each.seconds).toBeLessThanOrEqual(5)
  })

  test('a stall of ten seconds is none', () => {
    let state = begin({})
    const looks = (count: number, times: number) => {
      for (let i = 0; i < count; i++) {
        state = addCounts(state, (state.at ?? 0) + 1_000, served(draw(MEDIAN * times, 10)))
      }
    }
    for (const _ of [1, 2, 3, 4]) {
      looks(600, 1)
      looks(10, 100)
    }
    expect(slowdownOf(judgementOf(state))).not.toMatchObject({ outcome: 'bad' })
    looks(60, 100)
    expect(slowdownOf(judgementOf(state))).toMatchObject({ outcome: 'bad' })
  })

  test('without latencies nothing is said', () => {
    let state = begin({})
    for (let i = 1; i < 100; i++)
      state = addCounts(state, i * 1_000, { requests: 10, errors: 0, latency: null })
    expect(slowdownOf(judgementOf(state))).toMatchObject({ outcome: 'undecided', requests: 0, needs: null })
  })
})

describe('buckets', () => {
  test('those of the agent, against a baseline from a list and from the same buckets', () => {
    for (const against of [baseline, inAgentBuckets(draw(MEDIAN, 5_000))]) {
      expect(slowdownOf(judge(1.4, { buckets: inAgentBuckets, against }))?.outcome).not.toBe('bad')
      expect(slowdownOf(judge(3, { buckets: inAgentBuckets, against }))).toMatchObject({ outcome: 'bad' })
    }
  })

  test('too wide to tell: neither slow nor fine', () => {
    const wide = (list: readonly number[]): LatencyCounts => {
      const within = list.filter((ms) => ms <= 500).length
      return { le: [500], count: [within, list.length - within] }
    }
    expect(slowdownOf(judge(3, { buckets: wide }))).toMatchObject({ outcome: 'undecided', needs: null })
    expect(slowdownOf(judge(3, { against: wide(draw(MEDIAN, 5_000)) }))).toMatchObject({
      outcome: 'undecided',
    })
  })
})

describe('the baseline', () => {
  test('too small a one says how many more it needs, and judges what it can', () => {
    const small = judge(10, { against: latencyOf(draw(MEDIAN, 100)), seconds: 60 })
    expect(small.baseline).toEqual({ requests: 100, needs: 35 })
    expect(slowdownOf(small)).toMatchObject({ outcome: 'bad' })
    const tiny = judge(10, { against: latencyOf(draw(MEDIAN, 3)), seconds: 60 })
    expect(tiny).toMatchObject({ outcome: 'undecided', baseline: { requests: 3, needs: 132 }, needs: null })
    expect(judge(10, { against: latencyOf([]), seconds: 60 }).baseline).toEqual({ requests: 0, needs: 135 })
  })

  test('its quantiles are bounded from above: a smaller one gives more room, and never less than the truth', () => {
    const ms = (count: number) =>
      limitsOf(latencyOf(draw(MEDIAN, count)), 0.5, 1e-3).bad.map((limit) => limit.ms)
    const truth = [-0.6745, 0, 0.6745, 1.2816, 1.6449, 2.3263].map((z) => 1.5 * MEDIAN * Math.exp(0.5 * z))
    for (const [i, limit] of ms(50_000).entries()) {
      expect(limit).toBeGreaterThan(truth[i] ?? 0)
      expect(limit).toBeLessThan((truth[i] ?? 0) * 1.1)
    }
    for (const [i, limit] of ms(2_000).entries()) expect(limit).toBeGreaterThan(truth[i] ?? 0)
    expect(ms(200)).toHaveLength(5)
  })
})

describe('two that serve at once', () => {
  const other = (times: number) => () => served(draw(MEDIAN * times, 50))

  test('both slow: nobody is convicted, and that is said', () => {
    const both = judge(4, { other: other(4), seconds: 300 })
    expect(both).toMatchObject({ outcome: 'undecided', needs: null })
    expect(slowdownOf(both)).toMatchObject({ veto: 'both-sick' })
    const alike = judge(2.2, { other: other(1.4), seconds: 300 })
    expect(slowdownOf(alike)).toMatchObject({ outcome: 'undecided', veto: 'not-worse' })
  })

  test('only the new one: it is', () => {
    expect(slowdownOf(judge(4, { other: other(1), seconds: 60 }))).toMatchObject({
      outcome: 'bad',
      veto: null,
    })
  })
})

test('requests that wait are late before anybody has answered them', () => {
  const le = [10, 100, 1_000]
  const baseline = { le, count: [1_000, 0, 0, 0] }
  const policy = { ...DEFAULT_POLICY, slotMs: 1_000 }
  let state = startJudge(policy, { baseline, switchedAt: null })
  for (let second = 1; second <= 20; second++) {
    // Ten more are open for longer than a tenth of a second; not one is answered.
    const counts = { requests: 0, errors: 0, latency: { le, count: [0, 0, 0, 0] }, late: [10, 10, 0] }
    state = addCounts(state, second * 1_000, counts)
  }
  const slow = judgementOf(state).triggers.find(({ trigger }) => trigger === 'slowdown')
  expect(slow).toMatchObject({ outcome: 'bad', share: 1 })
})
