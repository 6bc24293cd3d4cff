import { fewestForUpperRank, upperRank, upperShare } from './binomial.ts'
import type { LatencyCounts } from './counts.ts'
import { bucketOfRank, countWithin, totalOf } from './latency-counts.ts'

/** The quantiles that are compared: a slowdown may be of all answers, or of the slowest alone. */
const QUANTILES = [0.25, 0.5, 0.75, 0.9, 0.95, 0.99] as const
/** A release is fine when it is so at each of these; the 99th percentile alone would take an hour of 5 s slots. */
const FINE_QUANTILES = [0.5, 0.9, 0.95] as const

export interface Limit {
  /** In a release that is all right, this share of the answers takes at most {@link ms}. */
  quantile: number
  ms: number
}

export interface Limits {
  /** Too many answers above are evidence against a release. */
  bad: readonly Limit[]
  /** Enough answers within are evidence for it; empty: this baseline can show no release to be fine. */
  fine: readonly Limit[]
  /** Answers in the baseline. */
  requests: number
  /** How many more it would need to bound its 95th percentile; 0: it has enough. */
  needs: number
}

/**
 * What "more than `slowdown` slower than the baseline at some quantile" is held against. The baseline is a sample, in buckets,
 * so that each doubt goes to the release: the quantile is taken at an upper confidence bound (wrong with probability `alpha`
 * at most, once for each baseline and quantile), and that at the upper bound of its bucket. Quantiles for which the baseline
 * is too small are left out.
 */
export function limitsOf(baseline: LatencyCounts, slowdown: number, alpha: number): Limits {
  const requests = Math.floor(totalOf(baseline))
  const bad = QUANTILES.flatMap((quantile) => {
    const bucket = bucketOfRank(baseline, upperRank(requests, quantile, alpha))
    return bucket === null ? [] : [{ quantile, ms: (1 + slowdown) * bucket.atMost }]
  })
  const fine = FINE_QUANTILES.flatMap((quantile) => fineLimit(baseline, quantile, slowdown, alpha))
  return {
    bad,
    fine: fine.length === FINE_QUANTILES.length ? fine : [],
    requests,
    needs: Math.max(0, fewestForUpperRank(0.95, alpha) - requests),
  }
}

/**
 * For a release every doubt goes the other way. Its share within (1 + slowdown) x must be shown to be at least the baseline's
 * within x, for an x a bucket below the quantile: at the quantile itself a release that has not changed would need for ever.
 */
export function fineLimit(
  baseline: LatencyCounts,
  quantile: number,
  slowdown: number,
  alpha: number,
): Limit[] {
  const requests = Math.floor(totalOf(baseline))
  const bucket = bucketOfRank(baseline, Math.max(1, Math.floor(requests * quantile)))
  if (bucket === null) return []
  const ms = bucket.above === 0 ? bucket.atMost : bucket.above
  const share = upperShare(requests, Math.min(requests, Math.floor(countWithin(baseline, ms))), alpha)
  return share > 0 && share < 1 ? [{ quantile: share, ms: (1 + slowdown) * ms }] : []
}
