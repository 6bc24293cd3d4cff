import { bookInFavour } from './books.ts'
import { type Counts, checkCounts, type LatencyCounts } from './counts.ts'
import { addCounts, type JudgeState, startJudge } from './judge.ts'
import { countUpTo, totalOf } from './latency-counts.ts'
import { fineLimit, type Limit } from './limits.ts'
import { requestsUntil } from './needs.ts'
import { type Book, bet, logWealth, type Spending, startWealth, type Wealth } from './wealth.ts'

export interface RecoveryPolicy {
  /** The chance that a service which has not recovered is said to have. */
  alpha: number
  /** Recovered is a share of server errors below this. */
  errorRate: number
  /** At no time more than this. */
  spikeRate: number
  /** Latency is back when it is at most this much above the baseline: 0.1 is 10 %, or the width of a bucket. */
  slowdown: number
  /** Of the tests that refute, as in {@link JudgePolicy}. */
  slotMs: number
}

export const DEFAULT_RECOVERY_POLICY: RecoveryPolicy = {
  alpha: 0.05,
  errorRate: 0.01,
  spikeRate: 0.05,
  slowdown: 0.1,
  slotMs: 5_000,
}

/** Plain data. */
export interface RecoveryState {
  policy: RecoveryPolicy
  baseline: LatencyCounts | null
  limits: readonly Limit[]
  requests: number
  errors: Series
  latency: readonly Series[]
  /** What speaks against it: more than the recovered rate, slower; and a spike. */
  against: JudgeState
  spike: JudgeState
  confirmedAt: number | null
  refuted: { at: number; by: RecoveryPart } | null
}

interface Series {
  wealth: Wealth
  good: number
  total: number
}

export type RecoveryPart = 'errors' | 'latency' | 'spike'

export interface RecoveryJudgement {
  /** Three-valued: without enough requests nobody knows, and that is said. */
  outcome: 'confirmed' | 'refuted' | 'undecided'
  requests: number
  /** Requests still needed if all of them are clean; null: it is decided, or this baseline cannot show it. */
  needs: number | null
  parts: {
    part: 'errors' | 'latency'
    logE: number
    threshold: number
    good: number
    total: number
    needs: number | null
  }[]
  /** Epoch ms. */
  confirmedAt: number | null
  refuted: { at: number; by: RecoveryPart } | null
}

const QUANTILES = [0.5, 0.95]
/** The first seconds after a rollback are often not clean yet, and should not have to be made up for. */
const SPENDING: Spending = { atStart: 0.6, early: 0.3, bets: 60 }

/** Each request is a bet: 300 clean ones at least, for 1 % at alpha 0.05; this book needs 400, without knowing that they all will be. */
function bookOf(rate: number): Book {
  return { ...bookInFavour(rate, true), spending: SPENDING }
}

/** @param options.baseline latencies when it was well; null: latency is not part of it */
export function startRecovery(
  policy: RecoveryPolicy,
  { baseline }: { baseline: LatencyCounts | null },
): RecoveryState {
  const { alpha, slotMs, errorRate, spikeRate, slowdown } = policy
  const judge = { alpha, slotMs, slowdown }
  const limits =
    baseline === null ? [] : QUANTILES.flatMap((each) => fineLimit(baseline, each, slowdown, alpha))
  return {
    policy,
    baseline,
    limits,
    requests: 0,
    errors: startSeries(errorRate),
    latency: limits.map(({ quantile }) => startSeries(1 - quantile)),
    against: startJudge({ ...judge, errorRate }, { baseline, switchedAt: null }),
    spike: startJudge({ ...judge, errorRate: spikeRate }, { baseline: null, switchedAt: null }),
    confirmedAt: null,
    refuted: null,
  }
}

/**
 * One look; see `addCounts`. What was refuted may still recover: then everything begins anew, and it takes as many clean
 * requests again.
 *
 * @throws RangeError
 */
export function addRecovery(state: RecoveryState, at: number, counts: Counts): RecoveryState {
  checkCounts(counts)
  const { policy, baseline, limits } = state
  const { requests, errors, latency } = counts
  const next: RecoveryState = {
    ...state,
    requests: state.requests + requests,
    errors: follow(policy.errorRate, state.errors, requests - errors, requests),
    against: addCounts(state.against, at, counts),
    spike: addCounts(state.spike, at, { requests, errors, latency: null }),
  }
  if (latency !== null) {
    const total = totalOf(latency)
    next.latency = limits.map(({ quantile, ms }, i) =>
      follow(1 - quantile, state.latency[i], countUpTo(latency, ms), total),
    )
  }
  const by = refutedBy(next)
  if (by !== null) {
    return { ...startRecovery(policy, { baseline }), requests: next.requests, refuted: { at, by } }
  }
  return { ...next, confirmedAt: next.confirmedAt ?? (isConfirmed(next) ? at : null) }
}

export function recoveryOf(state: RecoveryState): RecoveryJudgement {
  const { confirmedAt, refuted, requests } = state
  const parts = partsOf(state)
  const outcome = confirmedAt !== null ? 'confirmed' : refuted !== null ? 'refuted' : 'undecided'
  const needs = parts.map((part) => part.needs)
  return {
    outcome,
    requests,
    needs:
      outcome === 'confirmed' || needs.includes(null) ? null : Math.max(...needs.map((each) => each ?? 0)),
    parts,
    confirmedAt,
    refuted,
  }
}

function startSeries(rate: number): Series {
  return { wealth: startWealth(bookOf(rate)), good: 0, total: 0 }
}

function follow(rate: number, before: Series | undefined, good: number, total: number): Series {
  const { wealth, good: goodBefore, total: totalBefore } = before ?? startSeries(rate)
  return {
    wealth: bet(bookOf(rate), wealth, good, total),
    good: goodBefore + good,
    total: totalBefore + total,
  }
}

function refutedBy({ against, spike }: RecoveryState): RecoveryPart | null {
  if (spike.errors.bad !== null) return 'spike'
  if (against.errors.bad !== null) return 'errors'
  return against.slow !== null && against.slow.state.bad !== null ? 'latency' : null
}

function isConfirmed({ policy, baseline, limits, errors, latency }: RecoveryState): boolean {
  if (baseline !== null && limits.length < QUANTILES.length) return false
  const threshold = thresholdOf(policy)
  const rates = [policy.errorRate, ...limits.map(({ quantile }) => 1 - quantile)]
  return [errors, ...latency].every(({ wealth }, i) => logWealth(bookOf(rates[i] ?? 0), wealth) >= threshold)
}

function partsOf({ policy, baseline, limits, errors, latency }: RecoveryState): RecoveryJudgement['parts'] {
  const threshold = thresholdOf(policy)
  const describe = (part: 'errors' | 'latency', rate: number, series: Series, share: number) => {
    const book = bookOf(rate)
    const logE = logWealth(book, series.wealth)
    const needs =
      logE >= threshold
        ? 0
        : requestsUntil(book, series.wealth, { threshold, share, requests: 1, inOpenSlot: 0 })
    return { part, logE, threshold, good: series.good, total: series.total, needs }
  }
  const unknown = { part: 'latency' as const, logE: 0, threshold, good: 0, total: 0, needs: null }
  const slow = limits.map(({ quantile }, i) => {
    const series = latency[i] ?? startSeries(1 - quantile)
    return describe('latency', 1 - quantile, series, series.total === 0 ? 1 : series.good / series.total)
  })
  return [
    describe('errors', policy.errorRate, errors, 1),
    ...(baseline !== null && limits.length < QUANTILES.length ? [unknown] : slow),
  ]
}

function thresholdOf({ alpha }: RecoveryPolicy): number {
  return Math.log(1 / alpha)
}
