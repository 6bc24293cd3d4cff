import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test('reads every unit', () => {
  expect(['250ms', '10s', '5m', '1h', '0s', '1.5m', '7d'].map(parseDuration)).toEqual([
    250, 10_000, 300_000, 3_600_000, 0, 90_000, 604_800_000,
  ])
})

test('refuses what has no unit, or is no time', () => {
  for (const text of [
    '10',
    '',
    's',
    '-1s',
    '10 s',
    '1w',
    '1m30s',
    '1e3s',
    '.5s',
    'NaNs',
    `${'9'.repeat(400)}h`,
  ])
    expect(parseDuration(text), text).toBeNull()
})

test('writes the shortest spelling', () => {
  expect([0, 250, 1_500, 30_000, 90_000, 600_000, 7_200_000, 172_800_000].map(formatDuration)).toEqual([
    '0ms',
    '250ms',
    '1500ms',
    '30s',
    '90s',
    '10m',
    '2h',
    '2d',
  ])
})

test('reads back what it writes', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (ms) => parseDuration(formatDuration(ms)) === ms))
})
