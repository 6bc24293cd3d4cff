import { drawsFrom } from './draws.ts'
import { falseVerdicts, type Spells, spellsAreBad } from './false-verdicts.ts'
import { chanceOfInARow, IN_A_ROW, others } from './rules.ts'
import { byDefault, byRequest, HEALTHY_REQUESTS, steady } from './scenario.ts'

const HEALTHY_SHARES = [0.01, 0.03]
const SPELL_RATES = [0.1, 1, 10, 100]
const HOURS = 20_000

export interface HealthyRow {
  name: string
  rps: number
  runs: number
  /** Called bad, at each of the healthy shares. */
  wrong: number[]
}

export function healthyRuns(): HealthyRow[] {
  const counted = [
    { rule: byDefault, rps: 1, runs: 1_000 },
    { rule: byDefault, rps: 10, runs: 10_000 },
    { rule: byDefault, rps: 100, runs: 10_000 },
    { rule: byRequest, rps: 100, runs: 10_000 },
    ...[1, 10].flatMap((rps) => others.map((rule) => ({ rule, rps, runs: 100 }))),
  ].map(({ rule, rps, runs }) => ({
    name: rule.name,
    rps,
    runs,
    wrong: HEALTHY_SHARES.map((share) =>
      falseVerdicts(rule.make, { rps, share, requests: HEALTHY_REQUESTS, runs }, drawsFrom(4)),
    ),
  }))
  const runs = 10_000
  const wrong = HEALTHY_SHARES.map((share) => Math.round(chanceOfInARow(share, HEALTHY_REQUESTS) * runs))
  return [...counted, { name: `${IN_A_ROW} in a row (exact)`, rps: 10, runs, wrong }]
}

/** Hours in which all is well but for spells of nothing but errors, 1 % of the time. */
export function hoursWithSpells() {
  return [steady, byRequest, ...others].map(({ name, make }) => ({
    name,
    cells: [2, 10].flatMap((seconds) =>
      SPELL_RATES.map((rps) => {
        const hours = name === steady.name ? HOURS : HOURS / 20
        return { seconds, rps, hours, wrong: countBad(make, { rps, seconds, share: 0.01 }, hours) }
      }),
    ),
  }))
}

function countBad(make: typeof byDefault.make, spells: Spells, hours: number): number {
  const draws = drawsFrom(5)
  return Array.from({ length: hours }, () => spellsAreBad(make(), spells, draws)).filter(Boolean).length
}

/** The same hours right after a switch, with the first minute's book: what it adds when a spell falls right into it. */
export function hoursFromSwitch() {
  const hours = HOURS / 4
  return [1, 10, 100].map((rps) => ({
    rps,
    hours,
    wrong: countBad(byDefault.make, { rps, seconds: 10, share: 0.01 }, hours),
  }))
}

/** One spell at 10 requests/s, so many seconds after the switch: the share of the releases that is called bad for it. */
export function spellsInFirstMinute() {
  return [2, 3, 5, 10].map((length) => ({
    length,
    cells: [0, 5, 10, 15, 20, 30, 50].map((start) => ({ start, bad: shareCalledBad(start, length) })),
  }))
}

function shareCalledBad(start: number, length: number): number {
  const draws = drawsFrom(6)
  const runs = 500
  let bad = 0
  for (let run = 0; run < runs; run++) {
    const rule = byDefault.make()
    const begins = start + draws.uniform()
    for (let second = 0; second < 300; second++) {
      const down = Math.max(0, Math.min(second + 1, begins + length) - Math.max(second, begins))
      const errors = draws.poisson(10 * down)
      if (!rule.look(errors + draws.poisson(10 * (1 - down)), errors)) continue
      bad++
      break
    }
  }
  return bad / runs
}
