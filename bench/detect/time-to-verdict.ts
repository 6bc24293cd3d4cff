import type { Draws } from './draws.ts'
import type { Rule } from './rules.ts'

export interface Fault {
  /** Requests a second. */
  rps: number
  /** Share of errors once it has begun. */
  share: number
  /** Seconds of health before it, at 0.2 % errors. */
  healthySeconds: number
  /** Errors come in spells of total failure of this many seconds, with the same share on average; 0: evenly. */
  spellSeconds: number
}

export interface TimeToVerdict {
  /** From the beginning of the fault, mean of the runs that were decided after it began. */
  meanSeconds: number
  /** Runs that were called bad while all was well. */
  tooEarly: number
  /** Not decided within {@link LONGEST_SECONDS}. */
  never: number
  runs: number
}

const HEALTHY_SHARE = 0.002
const LONGEST_SECONDS = 1_000_000
/** Enough for a cell: its mean is known to a few percent then. */
const WORK_SECONDS = 4_000_000

export function timeToVerdict(make: () => Rule, fault: Fault, draws: Draws, runs: number): TimeToVerdict {
  const seconds: number[] = []
  const found: TimeToVerdict = { meanSeconds: Number.POSITIVE_INFINITY, tooEarly: 0, never: 0, runs: 0 }
  let worked = 0
  for (; found.runs < runs && worked < WORK_SECONDS; found.runs++) {
    const rule = make()
    if (goesOff(rule, fault, draws)) {
      found.tooEarly++
      continue
    }
    const took = secondsTo(rule, fault, draws)
    worked += took ?? LONGEST_SECONDS
    if (took === null) found.never++
    else seconds.push(took)
  }
  if (seconds.length > 0) {
    found.meanSeconds = seconds.reduce((sum, each) => sum + each, 0) / seconds.length
  }
  return found
}

function goesOff(rule: Rule, { rps, healthySeconds }: Fault, draws: Draws): boolean {
  for (let second = 0; second < healthySeconds; second++) {
    const requests = draws.poisson(rps)
    if (rule.look(requests, draws.binomial(requests, HEALTHY_SHARE))) return true
  }
  return false
}

function secondsTo(rule: Rule, { rps, share, spellSeconds }: Fault, draws: Draws): number | null {
  const inSpell = spells(share, spellSeconds, draws)
  for (let second = 1; second <= LONGEST_SECONDS; second++) {
    const requests = draws.poisson(rps)
    const now = spellSeconds === 0 ? share : inSpell() ? 1 : HEALTHY_SHARE
    if (rule.look(requests, draws.binomial(requests, now))) return second
  }
  return null
}

/** Second by second: whether it is one of a spell. The first spell begins with the fault. */
function spells(share: number, length: number, draws: Draws): () => boolean {
  const pause = length / share - length
  let left = length
  let waits = 0
  return () => {
    if (left > 0) {
      left--
      if (left === 0) waits = Math.max(1, Math.round(draws.exponential(pause)))
      return true
    }
    waits--
    if (waits <= 0) left = length
    return false
  }
}
