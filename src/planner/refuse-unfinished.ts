import type { PlanVerb } from '../domain/plan.ts'
import { currentStep } from '../domain/run.ts'
import { type ServiceState, unfinishedRun } from '../domain/service-state.ts'
import { type Refusal, refuse } from './refusal.ts'

/**
 * A run that was cut short is ended before another begins; one that stopped part way may be left for another target. A run
 * whose process still holds the lease is not cut short: it is under way, and the answer is who is at it.
 */
export function refuseUnfinished(
  state: ServiceState,
  verb: PlanVerb,
  heldBy: { holder: string; reason: string; since: string; expiresAt: string } | null,
  now: number,
): { refused: Refusal } | null {
  const run = unfinishedRun(state)
  if (run === null || (run.status === 'stopped' && verb === 'rollback')) return null
  if (heldBy !== null) {
    const { holder, reason, since, expiresAt } = heldBy
    const seconds = Math.max(1, Math.ceil((Date.parse(expiresAt) - now) / 1000))
    return refuse('LEASE_HELD', { holder, service: state.service, since, reason, seconds })
  }
  return refuse('RUN_UNFINISHED', {
    verb: run.plan.verb,
    to: run.plan.to,
    since: run.startedAt,
    step: currentStep(run)?.id ?? 'the last',
  })
}
