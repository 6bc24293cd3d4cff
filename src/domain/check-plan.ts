import { isCheckpointId } from './checkpoint.ts'
import { isRestoreId } from './database-name.ts'
import { isReleaseId } from './names.ts'
import type { Plan, Step, StepKind } from './plan.ts'

/** Every kind, in the order in which steps may follow one another. */
export const STEP_ORDER: readonly StepKind[] = [
  'build-release',
  'check-target',
  'create-checkpoint',
  'rehearse',
  'freeze-writes',
  'build-beside',
  'migrate-up',
  'start-candidate',
  'migrate-down',
  'swap-database',
  'probe-candidate',
  'switch-traffic',
  'clear-cache',
  'verify',
  'stop-old',
  'start-standby',
  'prune-releases',
]
/** No plan may be without them. */
const REQUIRED: readonly StepKind[] = ['probe-candidate', 'switch-traffic', 'verify', 'stop-old']
const RESTORING: readonly StepKind[] = ['build-beside', 'swap-database']
const OPTIONAL: readonly StepKind[] = ['clear-cache', 'start-standby', 'prune-releases']

/**
 * What is wrong with a plan that a person may have edited: null when nothing is. A plan is data, but no data may leave out
 * that the target is tried before traffic moves, or move the point of no return.
 */
export function findPlanFlaw(plan: Plan): string | null {
  const kinds = plan.steps.map(({ kind }) => kind)
  const places = kinds.map((kind) => STEP_ORDER.indexOf(kind))
  const unknown = kinds.find((_, index) => places[index] === -1)
  if (unknown !== undefined) return `it has a step of the unknown kind ${unknown}`
  if (places.some((place, index) => index > 0 && place <= (places[index - 1] ?? 0)))
    return 'its steps are not in the order in which they are done'
  const missing = REQUIRED.find((kind) => !kinds.includes(kind))
  if (missing !== undefined) return `it has no step ${missing}`
  if (kinds.includes('swap-database') !== kinds.includes('build-beside'))
    return 'it swaps in a database that it does not build, or builds one in vain'
  if (plan.pointOfNoReturn !== (plan.verb === 'rollback' ? 'switch-traffic' : 'stop-old'))
    return 'its point of no return was moved'
  for (const step of plan.steps) {
    const flaw = findStepFlaw(plan, step)
    if (flaw !== null) return `step ${step.id}: ${flaw}`
  }
  return null
}

function findStepFlaw(plan: Plan, { id, kind, params, optional }: Step): string | null {
  if (id !== kind) return 'its id is not its kind'
  if (!isReleaseId(params.release)) return 'it names no release'
  if (kind !== 'start-standby' && params.release !== plan.to) return `it is not about ${plan.to}`
  if (params.from !== plan.from) return `it does not leave ${plan.from ?? 'nothing'}`
  if (optional !== OPTIONAL.includes(kind)) return 'whether it may fail was changed'
  if (kind === 'build-release' && !params.commit) return 'it names no commit'
  if (
    RESTORING.includes(kind) &&
    !(isCheckpointId(params.checkpoint ?? '') && isRestoreId(params.restore ?? ''))
  )
    return 'it does not name what is restored'
  if (kind === 'migrate-down' && !isReleaseId(params.runner ?? ''))
    return 'it names no release to take them down'
  return null
}
