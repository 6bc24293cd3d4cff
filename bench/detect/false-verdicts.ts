import type { Draws } from './draws.ts'
import type { Rule } from './rules.ts'

/** Runs of healthy requests, as many as `requests` each: how many of them are called bad. */
export function falseVerdicts(
  make: () => Rule,
  { rps, share, requests, runs }: { rps: number; share: number; requests: number; runs: number },
  draws: Draws,
): number {
  let wrong = 0
  for (let run = 0; run < runs; run++) {
    const rule = make()
    for (let second = 0; second < requests / rps; second++) {
      const seen = draws.poisson(rps)
      if (rule.look(seen, draws.binomial(seen, share))) {
        wrong++
        break
      }
    }
  }
  return wrong
}

/** One hour of a service that is well but for spells of total failure, 1 % of the time on average. */
export interface Spells {
  rps: number
  seconds: number
  /** Share of the time. */
  share: number
}

export function spellsAreBad(rule: Rule, { rps, seconds, share }: Spells, draws: Draws): boolean {
  const pause = seconds / share - seconds
  // The hour begins anywhere, also in the middle of a spell.
  let begins = draws.uniform() < share ? -draws.uniform() * seconds : draws.exponential(pause)
  for (let second = 0; second < 3_600; second++) {
    if (begins + seconds <= second) begins += seconds + draws.exponential(pause)
    const down = Math.max(0, Math.min(second + 1, begins + seconds) - Math.max(second, begins))
    const errors = draws.poisson(rps * down)
    if (rule.look(errors + draws.poisson(rps * (1 - down)), errors)) return true
  }
  return false
}
