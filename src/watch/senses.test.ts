import { expect, test } from 'vitest'
import { invariantDue, NEW_INVARIANT, senseInvariant, takeInvariant } from './invariant-sense.ts'
import { NO_SESSIONS, senseSessions, takeSessions } from './session-sense.ts'

const invariant = { name: 'orders add up', everyMs: 30_000 }
const answer = (outcome: 'passed' | 'failed' | 'unknown', evidence = '') => ({ outcome, evidence, ms: 1 })

test('a broken invariant is a finding once a second snapshot says so too', () => {
  const once = takeInvariant(NEW_INVARIANT, answer('failed', '3'), 1_000)
  expect(senseInvariant(invariant, once)).toEqual([])
  expect(invariantDue(invariant, once, 1_500)).toBe(false)
  expect(invariantDue(invariant, once, 2_000)).toBe(true)
  const twice = takeInvariant(once, answer('failed', '4'), 2_000)
  expect(senseInvariant(invariant, twice)).toMatchObject([
    { trigger: 'corruption', key: 'orders add up', status: 'firing', since: 1_000 },
  ])
  expect(invariantDue(invariant, twice, 31_000)).toBe(false)
})

test('one look that was between two writes is none', () => {
  const seen = [answer('failed', '1'), answer('passed', '0'), answer('failed', '1')]
  const sense = seen.reduce((before, each, i) => takeInvariant(before, each, i * 1_000), NEW_INVARIANT)
  expect(senseInvariant(invariant, sense)).toEqual([])
})

test('an invariant that cannot be asked neither convicts nor clears', () => {
  const broken = [answer('failed', '1'), answer('unknown', 'timeout'), answer('failed', '1')]
  const sense = broken.reduce((before, each, i) => takeInvariant(before, each, i * 1_000), NEW_INVARIANT)
  expect(senseInvariant(invariant, sense)).toMatchObject([{ status: 'firing' }])
  const hidden = takeInvariant(sense, answer('unknown', 'timeout'), 5_000)
  expect(senseInvariant(invariant, hidden)).toMatchObject([{ status: 'firing' }])
  const one = takeInvariant(hidden, answer('passed', '0'), 6_000)
  expect(senseInvariant(invariant, one)).toEqual([])
  expect(senseInvariant(invariant, takeInvariant(one, answer('passed', '0'), 7_000))).toMatchObject([
    { status: 'well' },
  ])
})

test('sessions are compared with the first count, and twice', () => {
  const counts = [100, 90, 40, 39]
  const sense = counts.map((count, i) => ({ count, at: i * 1_000 }))
  const after = (n: number) =>
    sense.slice(0, n).reduce((before, { count, at }) => takeSessions(before, count, 0.5, at), NO_SESSIONS)
  expect(senseSessions(after(1))).toEqual([])
  expect(senseSessions(after(2))).toMatchObject([{ status: 'well' }])
  expect(senseSessions(after(3))).toEqual([])
  expect(senseSessions(after(4))).toMatchObject([
    { status: 'firing', summary: '61 % of the sessions are gone: 39 of 100', since: 2_000 },
  ])
})

test('no sessions at all is no drop', () => {
  const none = [0, 0, 0].reduce((before, count, i) => takeSessions(before, count, 0.5, i), NO_SESSIONS)
  expect(senseSessions(none)).toMatchObject([{ status: 'well' }])
})
