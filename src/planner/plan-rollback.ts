import type { DataWay } from '../domain/database-facts.ts'
import { serves } from '../domain/instance.ts'
import type { Plan, Step, StepParams } from '../domain/plan.ts'
import { describeRelease, type Release, type ReleaseId } from '../domain/release.ts'
import { findRelease } from '../domain/service-state.ts'
import { chooseDataWay, type DataRequest, type WayCost } from './choose-data-way.ts'
import { chooseStandby, chooseTarget } from './choose-target.ts'
import { chooseWay, gapOf } from './choose-way.ts'
import {
  addEstimates,
  estimateReadOnly,
  estimateSteps,
  estimateSwap,
  estimateUntilSwitched,
  measuredWith,
} from './estimate.ts'
import type { PlanningInput } from './planning-input.ts'
import type { Planned } from './refusal.ts'
import { keepsWarm, standbyStep, step } from './steps.ts'

const CHEAPEST: DataRequest = { way: null, corrupt: false }

/**
 * The way back of code and configuration, and of the data where that is needed. Data first: migrations go down while what
 * brought them is still there, and a restored database is in place before the older code takes traffic.
 */
export function planRollback(
  input: PlanningInput,
  name: string | null,
  request: DataRequest = CHEAPEST,
): Planned {
  const chosen = chooseTarget(input.state, name, isDown(input))
  if ('refused' in chosen) return chosen
  const { target } = chosen
  // Brought back where it stood: nothing is left, and nothing is marked bad.
  const from = input.state.live === target.id ? null : input.state.live
  const { way, boots, options } = chooseWay(input, target)
  const { database } = input
  const gap = gapOf(way, input, target)
  const measured = measuredWith(input.state.measured, database?.checkpoint ?? null)
  const stepsBy = (dataWay: DataWay | null) => stepsOf(input, { target, from, boots, dataWay })
  const costOf = (dataWay: DataWay): WayCost => ({
    unavailability: dataWay === 'restore' ? addEstimates(gap, estimateSwap(measured)) : gap,
    eta: estimateSteps(stepsBy(dataWay), measured, input.settings.verifyWindowMs),
  })
  const data = database === null ? null : chooseDataWay(database, target, request, costOf)
  if (data !== null && 'refused' in data) return data
  const steps = stepsBy(data?.way ?? null)
  return {
    plan: {
      id: input.planId,
      service: input.state.service,
      verb: 'rollback',
      from,
      to: target.id,
      way,
      data: data?.way ?? null,
      position: input.state.position,
      madeAt: input.madeAt,
      steps,
      // From the moment the bad release has let go, going "back" would mean going to it again: never by itself.
      pointOfNoReturn: 'switch-traffic',
      options: [...options, ...(data?.options ?? [databaseOption(target, findRelease(input.state, from))])],
      dataLoss: data?.loss ?? 'none: the database is not touched',
      unavailability: data === null ? gap : costOf(data.way).unavailability,
      readOnly: estimateReadOnly(steps, measured),
      untilSwitched: estimateUntilSwitched(steps, measured),
      eta: estimateSteps(steps, measured, input.settings.verifyWindowMs),
    },
  }
}

interface StepsRequest {
  target: Release
  from: ReleaseId | null
  /** Nothing of the target runs yet that could be asked. */
  boots: boolean
  dataWay: DataWay | null
}

function stepsOf(input: PlanningInput, { target, from, boots, dataWay }: StepsRequest): Step[] {
  const standby = keepsWarm(input) ? chooseStandby(input.state, target.id, from) : null
  const at = { release: target.id, from }
  return [
    step('check-target', at, `the files, configuration and environment of ${target.id} are complete`),
    ...stepsBeforeStart(input, at, dataWay),
    ...(boots
      ? [step('start-candidate', at, `${target.id} boots while ${from ?? 'nothing'} still serves`)]
      : []),
    ...stepsBeforeProbe(input, at, dataWay),
    step('probe-candidate', at, `a sick target is refused before any traffic moves`),
    step(
      'switch-traffic',
      at,
      from === null
        ? `${target.id} takes traffic`
        : `${target.id} takes over; ${from} hands on what still reaches it`,
    ),
    ...(input.settings.clearsCache
      ? [step('clear-cache', at, `what is cached of ${from ?? 'before'} is thrown away`)]
      : []),
    step('verify', at, `what serves is ${target.id}, on every instance, and it is well`),
    step(
      'stop-old',
      { ...at, keep: standby ? [standby.id] : [] },
      from === null ? 'nothing else is left running' : `${from} ends what it had begun and stops`,
    ),
    ...standbyStep(input, standby, target.id, from),
  ]
}

/** Writes stop before the data is judged, never after; and all that takes long is done while the old state serves. */
function stepsBeforeStart(input: PlanningInput, at: StepParams, way: DataWay | null): Step[] {
  const checkpoint = input.database?.checkpoint
  if (way !== 'restore' || !checkpoint) return []
  const restoring = { ...at, checkpoint: checkpoint.id, restore: input.restoreId }
  return [
    step('freeze-writes', at, 'nothing more is written to what will be replaced; reading goes on'),
    step(
      'build-beside',
      restoring,
      `${checkpoint.id} becomes a second database, compared row by row with its record`,
    ),
  ]
}

function stepsBeforeProbe(
  { database, restoreId }: PlanningInput,
  at: StepParams,
  way: DataWay | null,
): Step[] {
  if (way === 'down' && database?.down.ok) {
    const { migrations, runner } = database.down
    const why = `${migrations.join(', ')}, with the files of ${runner}, which applied them`
    return [step('migrate-down', { ...at, runner }, why)]
  }
  if (way === 'restore' && database?.checkpoint) {
    const restoring = { ...at, checkpoint: database.checkpoint.id, restore: restoreId }
    return [step('swap-database', restoring, 'the two databases change names; the damaged one is kept')]
  }
  return []
}

/** What the journal says serves has no instance that does. */
export function isDown({ state, instances }: Pick<PlanningInput, 'state' | 'instances'>): boolean {
  return !instances.some((instance) => instance.release === state.live && serves(instance))
}

/** Says what the schema will be like for the older code. */
function databaseOption(target: Release, from: Release | null): Plan['options'][number] {
  const added = (from?.migrations ?? []).filter((name) => !(target.migrations ?? []).includes(name))
  const reason =
    added.length === 0
      ? 'both releases need the same schema'
      : `${added.join(', ')} stay applied; ${describeRelease(target)} is probed against them before traffic moves`
  return {
    name: 'take the database back as well',
    taken: false,
    reason,
    unavailability: { ms: 0, source: 'default', runs: 0 },
  }
}
