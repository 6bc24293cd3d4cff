import { expect, test } from 'vitest'
import { inputOf, mark, stateOf } from '../../test/support/planning.ts'
import { findPlanFlaw } from '../domain/check-plan.ts'
import type { Plan } from '../domain/plan.ts'
import { planDeploy } from './plan-deploy.ts'
import { planRollback } from './plan-rollback.ts'

const request = {
  commit: 'f'.repeat(40),
  ref: 'v2',
  subject: 'A change',
  force: false,
  withoutWayBack: false,
}
function planOf(...given: Parameters<typeof planDeploy>): Plan {
  const planned = planDeploy(...given)
  if ('plan' in planned) return planned.plan
  throw new Error(planned.refused.code)
}
const kindsOf = ({ steps }: Plan) => steps.map(({ kind }) => kind)

test('builds, tries, switches, verifies, and only then stops what served', () => {
  const plan = planOf(inputOf(stateOf('r1', 'r1 proven')), request)
  expect(plan).toMatchObject({ verb: 'deploy', from: 'r1', to: 'r2', way: 'held', position: 7 })
  expect(kindsOf(plan)).toEqual([
    'build-release',
    'start-candidate',
    'probe-candidate',
    'switch-traffic',
    'verify',
    'stop-old',
    'prune-releases',
  ])
  expect(plan.pointOfNoReturn).toBe('stop-old')
  expect(plan.steps[0]?.params).toMatchObject({ commit: request.commit, ref: 'v2', subject: 'A change' })
})

test('the first release has nothing to leave, and says so', () => {
  const plan = planOf(inputOf(stateOf(null)), request)
  expect(plan).toMatchObject({ from: null, to: 'r1', way: 'first', unavailability: { ms: 0 } })
  expect(plan.options.map(({ name }) => name)).toEqual(['start it'])
})

test('a number is never used twice, not even when the build it was meant for failed', () => {
  const state = stateOf('r1', 'r1 proven')
  const failed = { plan: planOf(inputOf(state), request) }
  const runs = [{ ...failed, id: 'run' }] as unknown as typeof state.runs
  expect(planOf(inputOf({ ...state, runs }), request).to).toBe('r3')
})

test('a commit that is marked bad is refused, unless it is forced', () => {
  const state = { ...stateOf('r1', 'r1 proven'), badCommits: new Map([[request.commit, mark]]) }
  expect(planDeploy(inputOf(state), request)).toEqual({
    refused: { code: 'COMMIT_BAD', params: { commit: 'fffffff', reason: 'it was', ref: 'v2' } },
  })
  expect(planOf(inputOf(state), { ...request, force: true }).to).toBe('r2')
})

test('with a warm standby what served waits, if it is good', () => {
  const settings = {
    standby: 'warm',
    verifyWindowMs: 1_000,
    drainTimeoutMs: 1_000,
    migrates: false,
    clearsCache: false,
  } as const
  const standbyOf = (plan: Plan) => plan.steps.find(({ kind }) => kind === 'start-standby')?.params.release
  expect(standbyOf(planOf(inputOf(stateOf('r2', 'r1 proven', 'r2 proven'), { settings }), request))).toBe(
    'r2',
  )
  const unproven = planOf(inputOf(stateOf('r2', 'r1 proven', 'r2'), { settings }), request)
  expect(standbyOf(unproven)).toBe('r1')
  expect(unproven.steps.find(({ kind }) => kind === 'stop-old')?.params.keep).toEqual(['r1'])
  expect(standbyOf(planOf(inputOf(stateOf('r1', 'r1'), { settings }), request))).toBeUndefined()
})

test('nothing is found wrong with what the planners plan', () => {
  const rollback = planRollback(inputOf(stateOf('r2', 'r1 proven', 'r2')), null)
  const plans = [
    planOf(inputOf(stateOf(null)), request),
    planOf(inputOf(stateOf('r1', 'r1')), request),
    ...('plan' in rollback ? [rollback.plan] : []),
  ]
  expect(plans.map(findPlanFlaw)).toEqual([null, null, null])
})
