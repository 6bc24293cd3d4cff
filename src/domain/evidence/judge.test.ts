import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  addCounts,
  type Counts,
  DEFAULT_POLICY,
  type JudgePolicy,
  type JudgeState,
  judgementOf,
  latencyOf,
  startJudge,
} from './index.ts'

const counts = (requests: number, errors: number): Counts => ({ requests, errors, latency: null })
const start = (policy: Partial<JudgePolicy> = {}, switchedAt: number | null = null) =>
  startJudge({ ...DEFAULT_POLICY, ...policy }, { baseline: null, switchedAt })

/** A look a second, from `from` on. */
function watch(state: JudgeState, looks: readonly Counts[], from = state.at ?? 0): JudgeState {
  return looks.reduce((before, look, i) => addCounts(before, from + (i + 1) * 1_000, look), state)
}
const seconds = (count: number, look: Counts) => new Array<Counts>(count).fill(look)
const errorsOf = (state: JudgeState) => {
  const [errors] = judgementOf(state).triggers
  if (errors === undefined) throw new Error('there is no such trigger')
  return errors
}

describe('a verdict', () => {
  test('one bet a request: three failures of three are enough, two are not', () => {
    const two = watch(start({ slotMs: 'request' }), seconds(2, counts(1, 1)))
    expect(judgementOf(two)).toMatchObject({ outcome: 'undecided', needs: 1 })
    expect(judgementOf(watch(two, seconds(1, counts(1, 1))))).toMatchObject({
      outcome: 'bad',
      requests: 3,
      slots: 3,
    })
  })

  test('dead on arrival: three seconds of nothing but errors, at any traffic', () => {
    for (const requests of [1, 10, 1_000]) {
      const two = watch(start({}, 0), seconds(2, counts(requests, requests)))
      expect(judgementOf(two)).toMatchObject({ outcome: 'undecided', needs: requests })
      const three = errorsOf(watch(two, seconds(1, counts(requests, requests))))
      expect(three).toMatchObject({ outcome: 'bad', firedAt: 3_000, requests: 3 * requests, onArrival: true })
    }
  })

  test('later it takes longer than any blip that is to be borne: 10 s of nothing but errors are none', () => {
    const healthy = watch(start({}, 0), seconds(600, counts(10, 0)))
    const blip = watch(healthy, seconds(10, counts(10, 10)))
    expect(errorsOf(blip).logE).toBeLessThan(errorsOf(blip).threshold)
    const over = watch(watch(blip, seconds(300, counts(10, 0))), seconds(10, counts(10, 10)))
    expect(judgementOf(over).outcome).not.toBe('bad')
    const fault = watch(over, seconds(60, counts(10, 10)))
    expect(errorsOf(fault)).toMatchObject({ outcome: 'bad' })
    expect((errorsOf(fault).firedAt ?? 0) - (over.at ?? 0)).toBeLessThanOrEqual(40_000)
  })

  test('a fault after a day is found as well', () => {
    const day = watch(start({ slotMs: 60_000 }), seconds(86_400 / 6, counts(10, 0)))
    const fault = watch(day, seconds(600, counts(10, 3)))
    expect(judgementOf(fault).outcome).toBe('bad')
  })

  test('latches: with the moment and the counts, whatever comes after', () => {
    const bad = watch(start({}, 0), seconds(4, counts(10, 10)))
    const fired = errorsOf(bad)
    const after = watch(bad, seconds(1_000, counts(100, 0)))
    expect({ ...errorsOf(after) }).toEqual({ ...fired })
    expect(judgementOf(after)).toMatchObject({ outcome: 'bad', requests: 100_040 })
  })

  test('the fault is told from the healthy hours before it', () => {
    const healthy = watch(start(), seconds(600, counts(10, 0)))
    expect(errorsOf(healthy).fault).toBeNull()
    const rising = watch(healthy, seconds(20, counts(10, 5)))
    expect(errorsOf(rising).fault).toEqual({ since: 600_000, requests: 200, bad: 100, share: 0.5 })
    // At the share of the fault; at that of the whole time nothing would ever be proven.
    expect(errorsOf(rising)).toMatchObject({ nearer: 'bad', needs: expect.any(Number) })
    const bad = errorsOf(watch(rising, seconds(60, counts(10, 5))))
    expect(bad).toMatchObject({ outcome: 'bad', fault: { since: 600_000, share: 0.5 } })
    expect(bad.leastPossible).toBeCloseTo(8.3, 1)
  })

  test('fine is proven too, and is no promise', () => {
    const fine = watch(start(), seconds(900, counts(10, 0)))
    expect(judgementOf(fine)).toMatchObject({ outcome: 'fine', needs: null })
    expect(judgementOf(watch(fine, seconds(120, counts(10, 10))))).toMatchObject({ outcome: 'bad' })
  })

  test('at exactly the rate that is allowed it stays open, and nothing can be promised', () => {
    const state = watch(start(), seconds(3_600, counts(100, 5)))
    expect(judgementOf(state)).toMatchObject({ outcome: 'undecided', needs: null })
  })

  test.for([
    [0, 'fine'],
    [1, 'fine'],
    [7, 'bad'],
    [30, 'bad'],
  ] as const)(
    'at %i %% errors it says how many more requests, and that is about right',
    ([percent, outcome]) => {
      const begun = watch(start(), seconds(10, counts(100, percent)))
      const { needs } = judgementOf(begun)
      let state = begun
      while (judgementOf(state).outcome === 'undecided') state = watch(state, [counts(100, percent)])
      expect(judgementOf(state).outcome).toBe(outcome)
      const took = state.requests - begun.requests
      expect(Math.abs(took - (needs ?? 0))).toBeLessThanOrEqual(500)
    },
  )
})

describe('looks', () => {
  test('no requests are no evidence, for however long', () => {
    const before = watch(start({}, 0), seconds(2, counts(10, 10)))
    const after = watch(before, seconds(5_000, counts(0, 0)))
    expect(judgementOf(after)).toMatchObject({ outcome: 'undecided', requests: 20 })
    expect(judgementOf(after).slots).toBe(1)
  })

  test('a look that comes late is one slot, however long', () => {
    const late = addCounts(start(), 3_600_000, counts(10_000, 10_000))
    expect(judgementOf(late)).toMatchObject({ outcome: 'undecided', slots: 1 })
  })

  test('a clock that was set back costs a slot, and nothing is judged twice', () => {
    const before = watch(start(), seconds(7, counts(10, 10)), 1e12)
    const back = watch(before, seconds(13, counts(10, 10)), 5e11)
    expect(judgementOf(back)).toMatchObject({ requests: 200, slots: 3 })
  })

  test('how the requests of a slot are spread over its looks does not matter', () => {
    const look = fc.record({ good: fc.nat(30), bad: fc.nat(30) })
    const slot = fc.array(look, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(fc.array(slot, { minLength: 1, maxLength: 8 }), (slots) => {
        let [split, whole] = [start(), start()]
        for (const [i, looks] of slots.entries()) {
          const sums = looks.map(({ good, bad }) => counts(good + bad, bad))
          for (const [j, each] of sums.entries()) {
            split = addCounts(
              split,
              j === looks.length - 1 ? (i + 1) * 5_000 : i * 5_000 + (j + 1) * 700,
              each,
            )
          }
          const bad = looks.reduce((sum, each) => sum + each.bad, 0)
          const good = looks.reduce((sum, each) => sum + each.good, 0)
          whole = addCounts(whole, (i + 1) * 5_000, counts(good + bad, bad))
        }
        expect(judgementOf(split)).toEqual(judgementOf(whole))
      }),
      { numRuns: 50 },
    )
  })

  test('saved and read back at any moment, it goes on as if nothing had been', () => {
    const baseline = latencyOf(Array.from({ length: 2_000 }, (_, i) => 10 + (i % 40)))
    const latency = latencyOf([12, 30, 49, 80, 95])
    fc.assert(
      fc.property(
        fc.constantFrom(5_000, 'request' as const),
        fc.array(fc.nat(5), { maxLength: 40 }),
        (slotMs, errors) => {
          let state = startJudge({ ...DEFAULT_POLICY, slotMs }, { baseline, switchedAt: 0 })
          let saved = state
          for (const [i, each] of errors.entries()) {
            const other = i % 3 === 0 ? { requests: 9, errors: 1, latency } : undefined
            const look = { requests: 5, errors: each, latency }
            state = addCounts(state, (i + 1) * 1_000, look, other)
            saved = addCounts(JSON.parse(JSON.stringify(saved)), (i + 1) * 1_000, look, other)
          }
          expect(saved).toEqual(state)
          expect(judgementOf(saved)).toEqual(judgementOf(state))
        },
      ),
      { numRuns: 30 },
    )
  })

  test('it never grows', () => {
    const sizes = [2_000, 20_000].map((looks) => {
      const state = watch(start({ slotMs: 1_000 }), seconds(looks, counts(10, 0)))
      return JSON.stringify(state).length
    })
    expect(sizes[1]).toBeLessThan((sizes[0] ?? 0) * 1.3)
  })

  test.for([
    ['NaN', counts(Number.NaN, 0)],
    ['a negative count', counts(10, -1)],
    ['infinity', counts(Number.POSITIVE_INFINITY, 0)],
    ['more errors than requests', counts(1, 2)],
    ['a count too few', { requests: 1, errors: 0, latency: { le: [1, 2], count: [1, 0] } }],
    ['bounds that fall', { requests: 1, errors: 0, latency: { le: [2, 1], count: [1, 0, 0] } }],
    ['a bound of nothing', { requests: 1, errors: 0, latency: { le: [0], count: [1, 0] } }],
    ['a negative bucket', { requests: 1, errors: 0, latency: { le: [1], count: [1, -1] } }],
  ] as [string, Counts][])('%s is refused, of either release', ([, look]) => {
    expect(() => addCounts(start(), 1, look)).toThrow(RangeError)
    expect(() => addCounts(start(), 1, counts(1, 0), look)).toThrow(RangeError)
    expect(() => addCounts(start(), Number.NaN, counts(1, 0))).toThrow(RangeError)
  })

  test.for<Partial<JudgePolicy>>([
    { alpha: 0 },
    { alpha: 0.5 },
    { alpha: Number.NaN },
    { errorRate: 0 },
    { errorRate: 1 },
    { slowdown: 0 },
    { slotMs: 0 },
    { slotMs: Number.POSITIVE_INFINITY },
  ])('a policy that makes no sense is refused: %o', (policy) => {
    expect(() => start(policy)).toThrow(RangeError)
  })
})
