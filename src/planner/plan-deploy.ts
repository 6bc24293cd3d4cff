import type { Step, StepParams } from '../domain/plan.ts'
import { nextReleaseId } from '../domain/release.ts'
import { usedReleaseIds } from '../domain/service-state.ts'
import { type ChosenCheckpoint, chooseCheckpoint } from './choose-checkpoint.ts'
import { chooseStandby } from './choose-target.ts'
import { chooseWay, gapOf } from './choose-way.ts'
import { addEstimates, estimateSteps, estimateUntilSwitched } from './estimate.ts'
import type { PlanningInput } from './planning-input.ts'
import { type Planned, refuse } from './refusal.ts'
import { keepsWarm, standbyStep, step } from './steps.ts'

export interface DeployRequest {
  commit: string
  ref: string
  subject: string
  /** What was made elsewhere already, and is not built here. */
  prebuilt?: string
  /** Put out a commit that is marked bad. */
  force: boolean
  /** Put it out although the rehearsal finds no way back from it. */
  withoutWayBack: boolean
}

/** Build, try in private, switch, prove, and only then let go of what served. */
export function planDeploy(input: PlanningInput, request: DeployRequest): Planned {
  const { state } = input
  const mark = state.badCommits.get(request.commit)
  if (mark !== undefined && !request.force) {
    return refuse('COMMIT_BAD', {
      commit: request.commit.slice(0, 7),
      reason: mark.reason,
      ref: request.ref,
    })
  }
  const to = nextReleaseId(usedReleaseIds(state))
  const from = state.live
  const { way, options } = chooseWay(input, null)
  const standby = keepsWarm(input) ? chooseStandby(state, to, null) : null

  const checkpoint = input.nextCheckpoint === null ? null : chooseCheckpoint(input.nextCheckpoint)
  const gap = gapOf(way, input, null)
  const at = { release: to, from }
  const keeping = from === null ? 'nothing serves yet' : `${from} serves on, untouched`
  const made = request.prebuilt === undefined ? {} : { prebuilt: request.prebuilt }
  const steps: Step[] = [
    step(
      'build-release',
      { ...at, commit: request.commit, ref: request.ref, subject: request.subject, ...made },
      `from a clean checkout, in a folder of its own; ${keeping}`,
    ),
    ...databaseSteps(input, request.withoutWayBack ? { ...at, withoutWayBack: true } : at, checkpoint),
    step('start-candidate', at, `${to} boots without traffic`),
    step('probe-candidate', at, `${to} is tried in private first`),
    step('switch-traffic', at, from === null ? `${to} takes traffic` : `${to} takes over from ${from}`),
    step(
      'verify',
      at,
      `what serves is ${to}, on every instance, and it is well; else ${from ?? 'it'} is put back`,
    ),
    step(
      'stop-old',
      { ...at, keep: standby !== null && standby.id !== from ? [standby.id] : [] },
      from === null ? 'nothing else is left running' : `${from} ends and stops`,
    ),
    ...standbyStep(input, standby, to, from),
    step('prune-releases', at, 'old releases make room; the last proven ones stay'),
  ]
  return {
    plan: {
      id: input.planId,
      service: state.service,
      verb: 'deploy',
      from,
      to,
      way,
      data: null,
      position: state.position,
      madeAt: input.madeAt,
      steps,
      // Until what served is stopped, it can take its traffic back within milliseconds.
      pointOfNoReturn: 'stop-old',
      options: [...options, ...(checkpoint?.options ?? [])],
      dataLoss: input.settings.migrates
        ? 'none is expected: migrations are applied, and tried on a copy before'
        : 'none: the database is not touched',
      unavailability: checkpoint === null ? gap : addEstimates(gap, checkpoint.hold),
      readOnly: null,
      untilSwitched: estimateUntilSwitched(steps, state.measured),
      eta: estimateSteps(steps, state.measured, input.settings.verifyWindowMs),
    },
  }
}

/** Its way back is there and tried before anything of the live database is changed. */
function databaseSteps(
  { settings, nextCheckpoint }: PlanningInput,
  at: StepParams,
  chosen: ChosenCheckpoint | null,
): Step[] {
  if (!settings.migrates) return []
  const { release, from } = at
  return [
    ...(nextCheckpoint === null || chosen === null ? [] : [checkpointStep(at, nextCheckpoint.id, chosen)]),
    step('rehearse', at, `on a copy: ${release} up, ${from ?? 'nothing'} on the new schema, and down again`),
    step(
      'migrate-up',
      { release, from },
      `what ${release} brings is applied while ${from ?? 'nothing'} serves`,
    ),
  ]
}

function checkpointStep(at: StepParams, checkpoint: string, { templatePauseMs }: ChosenCheckpoint): Step {
  if (templatePauseMs === null)
    return step('create-checkpoint', { ...at, checkpoint }, 'the data as it is now can be gone back to')
  return step(
    'create-checkpoint',
    { ...at, checkpoint, templatePauseMs },
    'the server copies the data as it is now; sessions are ended, and new ones wait until it has',
  )
}
