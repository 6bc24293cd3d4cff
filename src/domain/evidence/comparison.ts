import { type Counts, slowerThan } from './counts.ts'
import { boundAbove, boundBelow } from './latency-counts.ts'
import type { Limits } from './limits.ts'
import { meanLogs } from './logarithms.ts'
import type { JudgePolicy } from './policy.ts'
import { type Book, bet, logWealth, type Spending, startWealth, type Wealth } from './wealth.ts'

/** Errors: a release is worse when its share of errors is more than this many times the other's. */
const WORSE = 2
/** After so long without the other it is no comparison "at the same time" any more. */
const STALE_MS = 60_000
/** Who has answered fewer requests than this, as one that drains, is nobody to be held against. */
const FEWEST_REQUESTS = 20

const STAKES = [0.2, 0.6, 0.95]
const SPENDING: Spending = { atStart: 0.5, early: 0.25, bets: 720 }

/** A release beside another that serves at the same time. Plain data. */
export interface Comparison {
  errors: Wealth
  /** One for each limit of slowness. */
  slow: readonly Wealth[]
  /** Of the other, since it began to serve beside. */
  requests: number
  /** Epoch ms. */
  lastAt: number
}

/** What one look saw of both. */
export interface Pair {
  at: number
  counts: Counts
  other: Counts
}

/**
 * "At every moment the release is not worse than the other." Whatever ails both comes and goes, so shares are never compared
 * over time, only within a look: of the bad answers in it, at most as many may be the release's as its part of the traffic
 * says (the test of counts in Lindon and Malek 2022, "Anytime-valid inference for multinomial count data"). A shared outage
 * then is no evidence, whatever its course.
 */
export function compare(
  before: Comparison | null,
  pair: Pair,
  policy: JudgePolicy,
  limits: Limits | null,
): Comparison {
  const { at, counts, other } = pair
  const known = before === null || at - before.lastAt > STALE_MS ? null : before
  const errors = bookOf(WORSE * counts.requests, other.requests)
  return {
    errors: bet(errors, known?.errors ?? startWealth(errors), counts.errors, counts.errors + other.errors),
    slow: (limits?.bad ?? []).map(({ ms }, i) => compareSlow(known?.slow[i], pair, policy.slowdown, ms)),
    requests: (known?.requests ?? 0) + other.requests,
    lastAt: at,
  }
}

/**
 * The release above the limit, the other above what the limit was made of: if no quantile of the one is more than `slowdown`
 * slower than the same of the other now, then the first is no more often so than the second.
 */
function compareSlow(
  before: Wealth | undefined,
  { counts, other }: Pair,
  slowdown: number,
  ms: number,
): Wealth {
  const [mine, others] = [counts.latency, other.latency]
  const here = mine === null ? null : slowerThan(counts, boundAbove(mine, ms))
  const there = others === null ? null : slowerThan(other, boundBelow(others, ms / (1 + slowdown)))
  const book = bookOf(here?.total ?? 0, there?.total ?? 0)
  const wealth = before ?? startWealth(book)
  if (here === null || there === null) return wealth
  return bet(book, wealth, here.slow, here.slow + there.slow)
}

/** Each bad answer is a bet on whose it is. Bursts are no matter here: a veto never convicts. */
function bookOf(mine: number, others: number): Book {
  // Where only one of them served, whose it is tells nothing.
  const rate = mine > 0 && others > 0 ? mine / (mine + others) : 1
  return {
    rate,
    stakes: STAKES,
    weights: STAKES.map(() => 1 / STAKES.length),
    spending: SPENDING,
    perRequest: true,
  }
}

/** Whether there is another release to be held against, and this one was not shown to be worse. */
export function isVetoed(
  comparison: Comparison | null,
  trigger: 'error-rate' | 'slowdown',
  { at, threshold }: { at: number; threshold: number },
): boolean {
  if (comparison === null || at - comparison.lastAt > STALE_MS) return false
  if (comparison.requests < FEWEST_REQUESTS) return false
  const book = bookOf(1, 1)
  const wealths = trigger === 'error-rate' ? [comparison.errors] : comparison.slow
  return wealths.length > 0 && meanLogs(wealths.map((wealth) => logWealth(book, wealth))) < threshold
}
