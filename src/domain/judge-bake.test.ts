import { expect, test } from 'vitest'
import { instanceOf } from '../../test/support/planning.ts'
import type { Instance } from './instance.ts'
import { judgeBake } from './judge-bake.ts'

const LIVE_SINCE = 10_000
const judge = (instances: Instance[], now = LIVE_SINCE + 5_000) =>
  judgeBake({ release: { id: 'r2' }, instances, liveSince: LIVE_SINCE, now, bakeMs: 5_000 })
const serving = (requests = 0, serverErrors = 0, startedAt = LIVE_SINCE - 1_000) =>
  instanceOf('r2', 'listening', {
    startedAt,
    traffic: { requests, serverErrors, inFlight: 0, connections: 0 },
  })

test('clean when the whole bake time is over, to the millisecond', () => {
  expect(judge([serving()], LIVE_SINCE + 4_999)).toEqual({ outcome: 'baking', remainingMs: 1 })
  expect(judge([serving()], LIVE_SINCE + 5_000)).toMatchObject({ outcome: 'clean' })
})

test.for<[string, number, number, string]>([
  ['exactly 5 % is no finding', 100, 5, 'clean'],
  ['more is', 100, 6, 'finding'],
  ['of too few requests a share says nothing', 19, 19, 'clean'],
  ['twenty are enough', 20, 2, 'finding'],
])('%s', ([, requests, errors, outcome]) => {
  expect(judge([serving(requests, errors)]).outcome).toBe(outcome)
})

test('a finding does not wait for the end of the bake', () => {
  expect(judge([serving(100, 50)], LIVE_SINCE + 1)).toMatchObject({
    outcome: 'finding',
    detail: '50 of 100 answers were server errors (50.0 %)',
  })
})

test('the answers of all instances count together, and only of this release', () => {
  const other = { ...serving(1_000, 1_000), release: 'r1', state: 'draining' as const }
  expect(judge([serving(90, 0), serving(10, 6), other])).toMatchObject({ outcome: 'finding' })
  expect(judge([serving(90, 0), serving(10, 5), other])).toMatchObject({
    outcome: 'clean',
    evidence: '2 instances, no restart, 100 requests, 5.0 % server errors',
  })
})

test('a restart since it went live is a finding, and so is that nothing serves it', () => {
  expect(judge([serving(), serving(0, 0, LIVE_SINCE + 1)])).toEqual({
    outcome: 'finding',
    detail: 'restarted since it went live: 1',
  })
  expect(judge([instanceOf('r2', 'down')])).toMatchObject({
    outcome: 'finding',
    detail: 'no instance serves r2',
  })
})

test('instances that cannot be asked for figures count by their age alone', () => {
  expect(judge([instanceOf('r2', 'running', { startedAt: 1 })])).toMatchObject({ outcome: 'clean' })
})
