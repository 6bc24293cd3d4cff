import { expect, test } from 'vitest'
import { inputOf, stateOf } from '../../test/support/planning.ts'
import { planRollback } from '../planner/plan-rollback.ts'
import { findPlanFlaw } from './check-plan.ts'
import type { Plan, Step } from './plan.ts'

const planned = planRollback(inputOf(stateOf('r2', 'r1 proven', 'r2')), null)
const plan = 'plan' in planned ? planned.plan : null

const steps = (change: (step: Step) => Step | null) => (of: Plan) => ({
  ...of,
  steps: of.steps.flatMap((step) => change(step) ?? []),
})
const params = (change: Partial<Step['params']>) =>
  steps((step) => ({ ...step, params: { ...step.params, ...change } }))

test.for<[string, (of: Plan) => Plan]>([
  ['it has no step probe-candidate', steps((step) => (step.kind === 'probe-candidate' ? null : step))],
  ['it has no step verify', steps((step) => (step.kind === 'verify' ? null : step))],
  ['its steps are not in the order', (of) => ({ ...of, steps: of.steps.toReversed() })],
  ['its steps are not in the order', (of) => ({ ...of, steps: [...of.steps, ...of.steps] })],
  ['of the unknown kind toString', steps((step) => ({ ...step, kind: 'toString' as Step['kind'] }))],
  ['its point of no return was moved', (of) => ({ ...of, pointOfNoReturn: 'stop-old' })],
  ['its point of no return was moved', (of) => ({ ...of, pointOfNoReturn: null })],
  ['it is not about r1', params({ release: 'r2' })],
  ['it names no release', params({ release: '../r1' })],
  ['it does not leave r2', params({ from: 'r9' })],
  ['whether it may fail was changed', steps((step) => ({ ...step, optional: true }))],
  ['its id is not its kind', steps((step) => ({ ...step, id: 'verify' }))],
])('%s', ([flaw, edit]) => {
  expect(plan && findPlanFlaw(plan)).toBeNull()
  expect(plan && findPlanFlaw(edit(plan))).toContain(flaw)
})
