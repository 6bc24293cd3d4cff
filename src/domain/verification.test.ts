import { expect, test } from 'vitest'
import { judgeChecks, type Outcome } from './verification.ts'

test.for<[Outcome[], Outcome]>([
  [['passed', 'passed'], 'passed'],
  [['passed', 'unknown'], 'unknown'],
  [['unknown', 'failed'], 'failed'],
  [['passed', 'failed'], 'failed'],
  [[], 'unknown'],
])('%s: %s', ([outcomes, outcome]) => {
  const checks = outcomes.map((each) => ({ name: 'a', outcome: each, evidence: '', ms: null }))
  expect(judgeChecks(checks)).toBe(outcome)
})
