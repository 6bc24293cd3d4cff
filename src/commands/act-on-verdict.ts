import { type ServiceState, unfinishedRun } from '../domain/service-state.ts'
import type { Verdict } from '../domain/verdict.ts'
import { isOperatorError } from '../errors/operator-error.ts'
import { planLines } from '../render/plan-text.ts'
import { planBack } from './plan-back.ts'
import { runPlan, runResume } from './run-plan.ts'
import type { CommandInput, Session } from './session.ts'

/** How often the world may move between the plan and its first step. */
const TRIES = 5

/**
 * Rolls back on a verdict, or goes on with that rollback where it was cut short. Once for each verdict: the run names it, and
 * begins only from the very state of the journal in which there was none.
 */
export async function actOnVerdict(input: CommandInput, session: Session, verdict: Verdict): Promise<void> {
  for (let tries = 0; tries < TRIES; tries++) {
    try {
      return await actOnce(input, session, verdict)
    } catch (error) {
      if (!isOperatorError(error)) throw error
      // Somebody else is at work, perhaps at this very rollback: the next look sees what came of it.
      if (['LEASE_HELD', 'LEASE_LOST', 'VERDICT_ENDED'].includes(error.code)) return
      if (error.code !== 'STALE_PLAN') throw error
    }
  }
}

async function actOnce(input: CommandInput, session: Session, verdict: Verdict): Promise<void> {
  const state = await session.state()
  const own = state.runs.find((run) => run.verdict === verdict.id)
  if (own !== undefined) {
    if (unfinishedRun(state)?.id === own.id && own.status === 'running')
      await runResume(input, session, own, false)
    return
  }
  if (!stands(state, verdict)) return
  const planned = await planBack(session, state, verdict.corrupt)
  // The next look asks the planner again, and holds with its reason.
  if (!planned.ok) return
  const { plan } = planned
  input.screen.lines(planLines(plan, input.screen.width))
  input.screen.line('')
  const reason = `${verdict.id}: ${verdict.reason}`
  const outcome = await runPlan(input, session, plan, { reason, forced: false, verdict: verdict.id })
  if (outcome.error !== null) input.screen.line(`${outcome.error.message}`, 'red')
}

/** The executor asks again, under the lease. */
function stands(state: ServiceState, { id, release }: Verdict): boolean {
  const known = state.verdicts.find((verdict) => verdict.id === id)
  return known?.ended === null && state.live === release && unfinishedRun(state) === null
}
