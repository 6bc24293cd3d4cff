import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseMoment } from './moment.ts'
import { instantOf, isTimeZone, parseWallClock, showWallClock, wallClock } from './zoned-time.ts'

const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString())

test.each([
  ['2026-03-29T01:59', 'Europe/Berlin', '2026-03-29T00:59:00.000Z'],
  // Never shown: as much later as the gap is long.
  ['2026-03-29T02:30', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
  ['2026-03-29T03:00', 'Europe/Berlin', '2026-03-29T01:00:00.000Z'],
  // Shown twice: the first.
  ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
  ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
  ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00.000Z'],
  ['2026-06-01T12:00', 'Asia/Kolkata', '2026-06-01T06:30:00.000Z'],
])('%s in %s is %s', (text, zone, expected) => {
  const wall = parseWallClock(text)
  expect(wall && iso(instantOf(wall, zone))).toBe(expected)
})

test('there and back again, in every zone', () => {
  const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'))
  const minute = fc.integer({ min: 25_000_000, max: 32_000_000 }).map((n) => n * 60_000)
  fc.assert(
    fc.property(zone, minute, (name, at) => {
      const back = instantOf(wallClock(at, name), name)
      // Only what is shown twice comes back as its first.
      expect(showWallClock(wallClock(back, name))).toBe(showWallClock(wallClock(at, name)))
      expect(back).toBeLessThanOrEqual(at)
    }),
  )
})

test('a moment as it is typed', () => {
  const now = Date.parse('2026-03-10T11:00:00.000Z')
  const past = (text: string) => iso(parseMoment(text, now, 'Europe/Berlin', 'past'))
  expect(past('03:12')).toBe('2026-03-10T02:12:00.000Z')
  expect(past('23:50')).toBe('2026-03-09T22:50:00.000Z')
  expect(past('10m')).toBe('2026-03-10T10:50:00.000Z')
  expect(past('2026-03-01 03:12')).toBe('2026-03-01T02:12:00.000Z')
  expect(past('2026-03-01T03:12:00Z')).toBe('2026-03-01T03:12:00.000Z')
  expect(iso(parseMoment('03:12', now, 'UTC', 'future'))).toBe('2026-03-11T03:12:00.000Z')
  expect(['', 'noon', '25:00', '2026-02-30', '10', '1e3m', '2026-03-01T99:00:00Z'].map(past)).toEqual(
    Array(7).fill(null),
  )
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus')]).toEqual([true, false])
})
