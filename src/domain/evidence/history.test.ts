import { expect, test } from 'vitest'
import { NO_HISTORY, pointsOf, remember } from './history.ts'

test('the newest points as they are, the older ones thinned, and never more than so many', () => {
  let history = NO_HISTORY
  for (let at = 1; at <= 100_000; at++) history = remember(history, { at, logE: at, requests: at, bad: 0 })
  const times = pointsOf(history).map(({ at }) => at)
  expect(times.length).toBeLessThanOrEqual(120)
  expect(times.slice(-60)).toEqual(Array.from({ length: 60 }, (_, i) => 99_941 + i))
  expect(times.toSorted((a, b) => a - b)).toEqual(times)
  const older = times.slice(0, -60)
  expect(older[0]).toBe(1)
  const gaps = older.slice(1).map((at, i) => at - (older[i] ?? 0))
  expect(new Set(gaps).size).toBe(1)
})

test('a short way is kept whole', () => {
  const points = [3, 1, 2].map((at) => ({ at, logE: 0, requests: 0, bad: 0 }))
  expect(pointsOf(points.reduce(remember, NO_HISTORY))).toEqual(points)
})
