import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wallClock, weekday } from '../zoned-time.ts'
import { reviewLimit, reviewStart } from './review-rule.ts'

const rule = { timeZone: 'Europe/Berlin', time: '10:00', minutes: 30 }
const start = (severity: 1 | 2, resolved: string) =>
  new Date(reviewStart(severity, Date.parse(resolved), rule)).toISOString()

test.each([
  [1, '2026-03-03T03:00:00Z', '2026-03-04T09:00:00.000Z'],
  // A Friday night: Monday is within three days.
  [1, '2026-03-06T22:00:00Z', '2026-03-09T09:00:00.000Z'],
  // A Thursday night in autumn: Friday, before the clocks change; on Friday, after they did.
  [2, '2026-10-22T22:30:00Z', '2026-10-26T09:00:00.000Z'],
  [2, '2026-03-27T12:00:00Z', '2026-03-30T08:00:00.000Z'],
] as const)('SEV-%i resolved %s: %s', (severity, resolved, expected) =>
  expect(start(severity, resolved)).toBe(expected),
)

test('always later than the end, never past the limit, at the usual time, and on a working day where the limit lets it', () => {
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Pacific/Auckland')
  const moment = fc.integer({ min: Date.parse('2026-01-01'), max: Date.parse('2028-01-01') })
  fc.assert(
    fc.property(
      zone,
      moment,
      fc.constantFrom(1 as const, 2 as const, 5 as const),
      (timeZone, resolved, severity) => {
        const at = reviewStart(severity, resolved, { ...rule, timeZone })
        expect(at).toBeGreaterThan(resolved)
        expect(at).toBeLessThanOrEqual(reviewLimit(severity, resolved, timeZone))
        const wall = wallClock(at, timeZone)
        expect([wall.hour, wall.minute]).toEqual([10, 0])
        if (severity !== 1) expect([0, 6]).not.toContain(weekday(wall))
      },
    ),
  )
})
