import fc from 'fast-check'
import { expect, test } from 'vitest'
import { releasesOf } from '../../test/support/planning.ts'
import { describeRelease, lastKnownGood, nextReleaseId, releaseState } from './release.ts'

test.for<[string[], string | null]>([
  [[], null],
  [['r1', 'r2'], null],
  [['r1 proven', 'r2'], 'r1'],
  [['r1 proven', 'r2 proven', 'r3 proven bad'], 'r2'],
  [['r1 proven', 'r2 proven retired'], 'r1'],
  [['r1 proven bad', 'r2 bad'], null],
])('of %s the last known good is %s', ([releases, good]) => {
  expect(lastKnownGood(releasesOf(...releases))?.id ?? null).toBe(good)
})

test.for<[string, string | null, string | null, string]>([
  ['r1', null, null, 'built'],
  ['r1 proven', null, null, 'proven'],
  ['r1', null, 'r1', 'candidate'],
  ['r1 proven bad', null, null, 'bad'],
  ['r1 bad', 'r1', null, 'live'],
  ['r1 proven retired', null, null, 'retired'],
])('%s, live %s, candidate %s: %s', ([text, live, candidate, word]) => {
  expect(releasesOf(text).map((release) => releaseState(release, live, candidate))).toEqual([word])
})

test('the next id is newer than every id that was ever used', () => {
  expect(nextReleaseId([])).toBe('r1')
  expect(nextReleaseId(['r9', 'r10', 'r2'])).toBe('r11')
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 1e6 })), (numbers) => {
      const ids = numbers.map((number) => `r${number}`)
      expect(ids).not.toContain(nextReleaseId(ids))
    }),
  )
})

test('is named with what is known of it', () => {
  const [release] = releasesOf('r2')
  if (release === undefined) throw new Error('no release')
  expect(describeRelease(release)).toBe('r2 (v1.2.0, 2222222)')
  expect(describeRelease({ ...release, version: null })).toBe('r2 (2222222)')
  expect(describeRelease({ ...release, version: null, commit: null })).toBe('r2')
})
