import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type LatencyCounts, slowerThan } from './counts.ts'
import {
  addLatency,
  boundAbove,
  boundBelow,
  bucketOfRank,
  countUpTo,
  countWithin,
  latencyOf,
  totalOf,
} from './latency-counts.ts'

const countAbove = (latency: LatencyCounts, ms: number) =>
  slowerThan({ requests: 0, errors: 0, latency }, boundAbove(latency, ms)).slow

const coarse = { le: [10, 20, 50], count: [1, 2, 3, 4] }

test('a limit between two bounds is rounded so that nothing is claimed that is not known', () => {
  expect([9, 10, 11, 20, 49, 50].map((ms) => countAbove(coarse, ms))).toEqual([9, 9, 7, 7, 4, 4])
  expect([9, 10, 11, 20, 49, 50].map((ms) => countWithin(coarse, ms))).toEqual([0, 1, 1, 3, 3, 6])
  expect([9, 10, 11, 20, 49, 50].map((ms) => countUpTo(coarse, ms))).toEqual([1, 1, 3, 3, 6, 6])
  expect([9, 10, 11, 20, 49, 50].map((ms) => boundBelow(coarse, ms))).toEqual([-1, 0, 0, 1, 1, 2])
})

test('beyond the last bound nobody knows', () => {
  expect(countAbove(coarse, 51)).toBe(0)
  expect(countWithin(coarse, 1e9)).toBe(6)
  expect(countUpTo(coarse, 51)).toBe(6)
})

test('a limit that was multiplied out still is the bound it should be', () => {
  const { le, count } = { le: [3, 3.3], count: [1, 1, 1] }
  expect(1.1 * 3).toBeGreaterThan(3.3)
  expect(countAbove({ le, count }, 1.1 * 3)).toBe(1)
  expect(countWithin({ le, count }, 1.1 * 3)).toBe(2)
})

test('the k-th fastest', () => {
  expect(bucketOfRank(coarse, 1)).toEqual({ above: 0, atMost: 10 })
  expect(bucketOfRank(coarse, 4)).toEqual({ above: 20, atMost: 50 })
  expect(bucketOfRank(coarse, 7)).toBeNull()
})

test('a list goes into buckets that are 2 % apart', () => {
  const latencies = fc.array(fc.double({ min: 0.2, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 })
  fc.assert(
    fc.property(latencies, fc.double({ min: 0.2, max: 1e6, noNaN: true }), (list, limit) => {
      const counts = latencyOf(list)
      expect(totalOf(counts)).toBe(list.length)
      expect(countAbove(counts, limit)).toBeLessThanOrEqual(list.filter((ms) => ms > limit).length)
      expect(countAbove(counts, limit)).toBeGreaterThanOrEqual(list.filter((ms) => ms > limit * 1.021).length)
    }),
  )
  expect(() => latencyOf([1, Number.NaN])).toThrow(RangeError)
  expect(() => latencyOf([-1])).toThrow(RangeError)
})

test('added to other buckets, no answer gets faster, and none is lost', () => {
  const fine = latencyOf([5, 15, 45, 400])
  expect(addLatency(coarse, fine)).toEqual({ le: [10, 20, 50], count: [2, 3, 4, 5] })
  expect(addLatency(coarse, coarse)).toEqual({ le: [10, 20, 50], count: [2, 4, 6, 8] })
  expect(addLatency({ le: [100], count: [0, 0] }, { le: [150], count: [7, 0] })).toEqual({
    le: [100],
    count: [0, 7],
  })
  expect(addLatency(null, coarse)).toBe(coarse)
  expect(addLatency(coarse, null)).toBe(coarse)
})
