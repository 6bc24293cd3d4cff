import type { Reversibility, Step, StepKind, StepParams } from '../domain/plan.ts'
import type { Release, ReleaseId } from '../domain/release.ts'
import type { PlanningInput } from './planning-input.ts'

const REVERSIBILITY: Record<StepKind, Reversibility> = {
  'build-release': 'reversible',
  'check-target': 'reversible',
  'create-checkpoint': 'reversible',
  rehearse: 'reversible',
  'freeze-writes': 'reversible',
  'build-beside': 'reversible',
  'migrate-up': 'compensatable',
  'start-candidate': 'reversible',
  'migrate-down': 'compensatable',
  'swap-database': 'compensatable',
  'probe-candidate': 'reversible',
  'switch-traffic': 'compensatable',
  'clear-cache': 'irreversible',
  verify: 'reversible',
  'stop-old': 'compensatable',
  'start-standby': 'reversible',
  'prune-releases': 'irreversible',
}

const OPTIONAL: readonly StepKind[] = ['clear-cache', 'start-standby', 'prune-releases']

/** One step of each kind at most, so the kind is its id. */
export function step(kind: StepKind, params: StepParams, why: string): Step {
  return {
    id: kind,
    kind,
    params,
    reversibility: REVERSIBILITY[kind],
    why,
    optional: OPTIONAL.includes(kind),
  }
}

/** Without the agent what is booted takes traffic: nothing can wait, unless it is the copy that is tried. */
export function keepsWarm({ settings, capabilities }: PlanningInput): boolean {
  return settings.standby === 'warm' && (capabilities.holds || capabilities.keepsTried)
}

export function standbyStep(
  { capabilities }: PlanningInput,
  standby: Release | null,
  live: ReleaseId,
  from: ReleaseId | null,
): Step[] {
  if (standby === null) return []
  const why = capabilities.holds
    ? `${standby.id} waits, booted and connected, to take over from ${live}`
    : `a copy of ${standby.id} waits outside of the traffic, so that leaving ${live} needs no boot to try it`
  return [step('start-standby', { release: standby.id, from }, why)]
}
