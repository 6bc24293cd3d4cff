import { serves } from '../domain/instance.ts'
import type { Plan, Step } from '../domain/plan.ts'
import { describeRelease, type Release } from '../domain/release.ts'
import { findRelease } from '../domain/service-state.ts'
import { chooseStandby, chooseTarget } from './choose-target.ts'
import { chooseWay, gapOf } from './choose-way.ts'
import { estimateSteps, estimateUntilSwitched } from './estimate.ts'
import type { PlanningInput } from './planning-input.ts'
import type { Planned } from './refusal.ts'
import { keepsWarm, standbyStep, step } from './steps.ts'

/** The way back in code and configuration. The data is not touched, and the plan says so. */
export function planRollback(input: PlanningInput, name: string | null): Planned {
  const chosen = chooseTarget(input.state, name, isDown(input))
  if ('refused' in chosen) return chosen
  const { target } = chosen
  // Brought back where it stood: nothing is left, and nothing is marked bad.
  const from = input.state.live === target.id ? null : input.state.live
  const { way, options } = chooseWay(input, target)
  const standby = keepsWarm(input) ? chooseStandby(input.state, target.id, from) : null

  const at = { release: target.id, from }
  const steps: Step[] = [
    step('check-target', at, `the files, configuration and environment of ${target.id} are complete`),
    ...(way === 'standby'
      ? []
      : [step('start-candidate', at, `${target.id} boots while ${from ?? 'nothing'} still serves`)]),
    step('probe-candidate', at, `a sick target is refused before any traffic moves`),
    step(
      'switch-traffic',
      at,
      from === null
        ? `${target.id} takes traffic`
        : `${target.id} takes over; ${from} hands on what still reaches it`,
    ),
    step('verify', at, `what serves is ${target.id}, on every instance, and it is well`),
    step(
      'stop-old',
      { ...at, keep: standby ? [standby.id] : [] },
      from === null ? 'nothing else is left running' : `${from} ends what it had begun and stops`,
    ),
    ...standbyStep(standby, target.id, from),
  ]
  return {
    plan: {
      id: input.planId,
      service: input.state.service,
      verb: 'rollback',
      from,
      to: target.id,
      way,
      position: input.state.position,
      madeAt: input.madeAt,
      steps,
      // From the moment the bad release has let go, going "back" would mean going to it again: never by itself.
      pointOfNoReturn: 'switch-traffic',
      options: [...options, databaseOption(target, findRelease(input.state, from))],
      dataLoss: 'none: the database is not touched',
      unavailability: gapOf(way, input, target),
      untilSwitched: estimateUntilSwitched(steps, input.state.measured),
      eta: estimateSteps(steps, input.state.measured, input.settings.verifyWindowMs),
    },
  }
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
