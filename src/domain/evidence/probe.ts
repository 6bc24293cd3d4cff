import { type Book, bet, logWealth, startWealth, type Wealth } from './wealth.ts'

export interface ProbePolicy {
  /** The chance that a probe which only flakes is ever called failing, over all its runs. */
  alpha: number
  /** How often it fails although all is well, in (0, 1): 1 % unless it was measured. */
  flakeRate: number
}

/** Plain data. */
export interface ProbeState {
  policy: ProbePolicy
  wealth: Wealth
  probes: number
  failures: number
  /** Failed without a success between them, up to now. */
  inARow: number
  bad: { at: number; logE: number } | null
}

export interface ProbeJudgement {
  outcome: 'bad' | 'undecided'
  logE: number
  threshold: number
  probes: number
  failures: number
  inARow: number
  /** How many more failures in a row it takes; null: decided, or more than ten. */
  needs: number | null
  /** Epoch ms. */
  firedAt: number | null
}

export const DEFAULT_PROBE_POLICY: ProbePolicy = { alpha: 1e-3, flakeRate: 0.01 }

const MOST_NEEDED = 10

/**
 * One check, asked again and again: each answer is a bet. At the default policy two failures in a row convict right at the
 * start, three within the first hundred probes, four or five at any time later: two in a row happen to every flaky probe some
 * day.
 */
function bookOf({ flakeRate }: ProbePolicy): Book {
  return {
    rate: flakeRate,
    stakes: [0.98, 0.3, 0.05],
    weights: [0.6, 0.2, 0.2],
    spending: { atStart: 0.25, early: 0.375, bets: 60 },
    perRequest: true,
  }
}

/** @throws RangeError */
export function startProbe(policy: ProbePolicy): ProbeState {
  const { alpha, flakeRate } = policy
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha must be above 0 and below 0.5, not ${alpha}`)
  if (!(flakeRate > 0 && flakeRate < 1))
    throw new RangeError(`the flake rate must be above 0 and below 1, not ${flakeRate}`)
  return { policy, wealth: startWealth(bookOf(policy)), probes: 0, failures: 0, inARow: 0, bad: null }
}

/** @param at epoch ms; @param passed a probe whose outcome is not known is not added: missing data never convicts */
export function addProbe(state: ProbeState, at: number, passed: boolean): ProbeState {
  const book = bookOf(state.policy)
  const wealth = bet(book, state.wealth, passed ? 0 : 1, 1)
  const logE = logWealth(book, wealth)
  return {
    policy: state.policy,
    wealth,
    probes: state.probes + 1,
    failures: state.failures + (passed ? 0 : 1),
    inARow: passed ? 0 : state.inARow + 1,
    bad: state.bad ?? (logE >= thresholdOf(state.policy) ? { at, logE } : null),
  }
}

export function probeJudgementOf(state: ProbeState): ProbeJudgement {
  const { policy, wealth, probes, failures, inARow, bad } = state
  return {
    outcome: bad === null ? 'undecided' : 'bad',
    logE: bad?.logE ?? logWealth(bookOf(policy), wealth),
    threshold: thresholdOf(policy),
    probes,
    failures,
    inARow,
    needs: bad === null ? failuresNeeded(state) : null,
    firedAt: bad?.at ?? null,
  }
}

function failuresNeeded(state: ProbeState): number | null {
  let next = state
  for (let more = 1; more <= MOST_NEEDED; more++) {
    next = addProbe(next, 0, false)
    if (next.bad !== null) return more
  }
  return null
}

function thresholdOf({ alpha }: ProbePolicy): number {
  return Math.log(1 / alpha)
}
