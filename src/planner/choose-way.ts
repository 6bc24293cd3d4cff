import { serves } from '../domain/instance.ts'
import type { PlanOption, Way } from '../domain/plan.ts'
import type { Release } from '../domain/release.ts'
import { estimateGap } from './estimate.ts'
import type { PlanningInput } from './planning-input.ts'

export interface ChosenWay {
  way: Way
  /** Nothing of the target runs yet that could be asked before traffic moves. */
  boots: boolean
  options: PlanOption[]
}

/** The way that loses least, and every other with the reason it was not taken. */
export function chooseWay(input: PlanningInput, target: Release | null): ChosenWay {
  const reasons = weigh(input, target)
  const way = (Object.keys(reasons) as Way[]).find((name) => reasons[name] === null) ?? 'stop-start'
  const waits = input.capabilities.keepsTried && countHolding(input, target) > 0
  const taken = waits ? `${TAKEN[way]}; a copy of it waits, and is asked at once` : TAKEN[way]
  const options = (Object.keys(reasons) as Way[])
    .filter((name) => (way === 'first' ? name === way : name !== 'first'))
    .map((name) => ({
      name: DESCRIPTIONS[name],
      taken: name === way,
      reason: name === way ? taken : (reasons[name] ?? 'possible, and the way taken loses less'),
      unavailability: gapOf(name, input, target),
    }))
  return { way, boots: way !== 'standby' && !waits, options }
}

const DESCRIPTIONS: Record<Way, string> = {
  first: 'start it',
  standby: 'let the warm standby take over',
  held: 'start it beside, holding, then switch',
  beside: 'start it beside, at the shared address',
  'stop-start': 'stop the old one, start the new one',
}

const TAKEN: Record<Way, string> = {
  first: 'nothing serves yet',
  standby: 'it is booted and connected, and waits',
  held: 'no standby is holding it; it boots beside what serves',
  beside: 'both releases can take traffic',
  'stop-start': 'nothing better is possible',
}

/** In order of preference; null: possible. */
function weigh(input: PlanningInput, target: Release | null): Record<Way, string | null> {
  const { holds, sideBySide, obstacles } = input.capabilities
  const serving = input.instances.some(serves)
  const holding = countHolding(input, target)
  return {
    standby: !holds
      ? obstacles.holds
      : holding >= input.wanted
        ? null
        : `${holding} of ${input.wanted} instances of it are holding`,
    first: serving ? 'a release serves already' : null,
    held: holds ? null : `${obstacles.holds}, so instances cannot be held back`,
    beside: sideBySide ? null : obstacles.sideBySide,
    'stop-start': null,
  }
}

function countHolding({ instances }: PlanningInput, target: Release | null): number {
  return instances.filter(({ release, state }) => release === target?.id && state === 'holding').length
}

export function gapOf(way: Way, input: PlanningInput, target: Release | null) {
  return estimateGap(way, input.capabilities.sideBySide, input.state.measured, target?.bootMs ?? null)
}
