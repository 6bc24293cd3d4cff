import { expect, test } from 'vitest'
import { binomial, fewestForUpperRank, upperRank, upperShare } from './binomial.ts'

const tail = (n: number, p: number, k: number) =>
  binomial(n, p)
    .slice(k)
    .reduce((sum, each) => sum + each, 0)

test('the chances of all outcomes make one, and have the right mean', () => {
  const chances = binomial(40, 0.3)
  expect(chances.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 12)
  expect(chances.reduce((sum, each, k) => sum + each * k, 0)).toBeCloseTo(12, 10)
  expect(binomial(3, 0)).toEqual([1, 0, 0, 0])
  expect(binomial(2, 1)).toEqual([0, 0, 1])
})

test.for([10, 135, 136, 500])(
  'the upper rank of %i values is the smallest that may be wrong once in a thousand',
  (n) => {
    for (const p of [0.25, 0.5, 0.9, 0.95]) {
      const rank = upperRank(n, p, 1e-3)
      if (rank <= n) expect(tail(n, p, rank)).toBeLessThanOrEqual(1e-3)
      expect(tail(n, p, rank - 1)).toBeGreaterThan(1e-3)
    }
  },
)

test('how many values that takes: 135 for the 95th percentile, 688 for the 99th', () => {
  expect(fewestForUpperRank(0.95, 1e-3)).toBe(135)
  expect(fewestForUpperRank(0.99, 1e-3)).toBe(688)
  expect([upperRank(134, 0.95, 1e-3), upperRank(135, 0.95, 1e-3)]).toEqual([135, 135])
})

test('a hundred million values are no trouble: the normal distribution says the same', () => {
  const n = 1e8
  const expected = n * 0.5 + 3.0902 * Math.sqrt(n * 0.25)
  expect(Math.abs(upperRank(n, 0.5, 1e-3) - expected)).toBeLessThan(5)
})

test('the upper share', () => {
  expect(upperShare(10, 0, 0.05)).toBeCloseTo(1 - 0.05 ** 0.1, 9)
  expect(upperShare(10, 10, 0.05)).toBe(1)
  // 950 of 1000: the chance of so few is then alpha.
  const share = upperShare(1000, 950, 1e-3)
  expect(tail(1000, 1 - share, 50)).toBeCloseTo(1e-3, 6)
})
