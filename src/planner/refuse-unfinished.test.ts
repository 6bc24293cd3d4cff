import { expect, test } from 'vitest'
import { stateOf } from '../../test/support/planning.ts'
import type { Run } from '../domain/run.ts'
import { refuseUnfinished } from './refuse-unfinished.ts'

const withRun = (status: Run['status']) => {
  const plan = { verb: 'rollback', to: 'r1', steps: [{ id: 'verify' }] }
  const run = { id: 'run', plan, status, steps: {}, startedAt: '2026-03-01T03:00:00.000Z' }
  return { ...stateOf('r2', 'r1 proven', 'r2'), runs: [run as unknown as Run] }
}
const heldBy = {
  holder: 'ann@host (pid 7)',
  reason: 'rollback r2 -> r1',
  since: '2026-03-01T03:00:00.000Z',
  expiresAt: '2026-03-01T03:00:10.000Z',
}
const now = Date.parse('2026-03-01T03:00:04.000Z')

test.for([
  ['succeeded', 'deploy', null],
  ['put-back', 'rollback', null],
  ['running', 'deploy', 'RUN_UNFINISHED'],
  ['running', 'rollback', 'RUN_UNFINISHED'],
  ['stopped', 'deploy', 'RUN_UNFINISHED'],
  ['stopped', 'rollback', null],
] as const)('after a run that is %s, a %s: %s', ([status, verb, code]) => {
  expect(refuseUnfinished(withRun(status), verb, null, now)?.refused.code ?? null).toBe(code)
})

test('while its process lives, the answer is who is at it, doing what, since when, and for how long', () => {
  const { holder, reason, since } = heldBy
  expect(refuseUnfinished(withRun('running'), 'rollback', heldBy, now)).toEqual({
    refused: { code: 'LEASE_HELD', params: { holder, reason, since, service: 'store', seconds: 6 } },
  })
})
