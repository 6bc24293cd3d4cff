import { checkLatency, type LatencyCounts } from './counts.ts'

/** Bounds of our own, for latencies that come one by one: 0.1 ms to 1 h, each 2 % above the one before. */
const FINE_GROWTH = 1.02
const FINEST_MS = 0.1
const fineBounds = Array.from({ length: 880 }, (_, i) =>
  Number((FINEST_MS * FINE_GROWTH ** i).toPrecision(5)),
)

/** A limit that was multiplied out may miss the bound it is by a rounding. */
const NEARLY = 1e-9

/** @throws RangeError for NaN and negative latencies */
export function latencyOf(listMs: readonly number[]): LatencyCounts {
  const count = new Array<number>(fineBounds.length + 1).fill(0)
  for (const ms of listMs) {
    if (!(ms >= 0)) throw new RangeError(`a latency of ${ms} ms`)
    const bucket = bucketOf(fineBounds, ms)
    count[bucket] = (count[bucket] ?? 0) + 1
  }
  return { le: fineBounds, count }
}

/** Index of the bucket `ms` belongs to; `le.length` is the one above all bounds. */
function bucketOf(le: readonly number[], ms: number): number {
  let from = 0
  let to = le.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (ms <= (le[middle] ?? Number.POSITIVE_INFINITY)) to = middle
    else from = middle + 1
  }
  return from
}

export function totalOf({ count }: LatencyCounts): number {
  return count.reduce((sum, each) => sum + each, 0)
}

/** Index of the first bound that is not below `ms`; `le.length`: all are. */
export function boundAbove({ le }: LatencyCounts, ms: number): number {
  return bucketOf(le, ms * (1 - NEARLY))
}

/** Index of the last bound that is not above `ms`; -1: all are. */
export function boundBelow({ le }: LatencyCounts, ms: number): number {
  return le.findLastIndex((bound) => bound <= ms * (1 + NEARLY))
}

/** Answers that certainly took no longer than `ms`: the limit is rounded down to a bound. */
export function countWithin({ le, count }: LatencyCounts, ms: number): number {
  let within = 0
  for (let i = 0; i < le.length && (le[i] ?? 0) <= ms * (1 + NEARLY); i++) within += count[i] ?? 0
  return within
}

/** As {@link countWithin}, with the limit rounded up to a bound: "within it, as far as buckets can tell". */
export function countUpTo({ le, count }: LatencyCounts, ms: number): number {
  const edge = Math.min(bucketOf(le, ms * (1 - NEARLY)), le.length - 1)
  let within = 0
  for (let i = 0; i <= edge; i++) within += count[i] ?? 0
  return within
}

/** The bucket with the k-th fastest answer (k from 1), as bounds in ms; null: it is above all bounds, or there are fewer. */
export function bucketOfRank(
  { le, count }: LatencyCounts,
  k: number,
): { above: number; atMost: number } | null {
  let seen = 0
  for (const [i, atMost] of le.entries()) {
    seen += count[i] ?? 0
    if (seen >= k) return { above: i === 0 ? 0 : (le[i - 1] ?? 0), atMost }
  }
  return null
}

/**
 * Both together, in the buckets of the first; a bucket of the second goes where its upper bound lies, so that no answer gets
 * faster.
 *
 * @throws RangeError when one of them is no {@link LatencyCounts}
 */
export function addLatency(to: LatencyCounts | null, more: LatencyCounts | null): LatencyCounts | null {
  if (more === null) return to
  checkLatency(more)
  if (to === null) return more
  checkLatency(to)
  const { le } = to
  const count = [...to.count]
  const same = le.length === more.le.length && le.every((bound, i) => bound === more.le[i])
  for (const [i, each] of more.count.entries()) {
    const bucket = same ? i : bucketOf(le, more.le[i] ?? Number.POSITIVE_INFINITY)
    count[bucket] = (count[bucket] ?? 0) + each
  }
  return { le, count }
}
