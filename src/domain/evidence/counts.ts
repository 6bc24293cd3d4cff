/**
 * Latencies in buckets, ms: `count[i]` answers took more than `le[i - 1]` and at most `le[i]`, the last `count` is above all
 * bounds, so there is one more of them. Not cumulative over the buckets.
 */
export interface LatencyCounts {
  le: readonly number[]
  count: readonly number[]
}

/** What a release did between two looks, all its instances together. */
export interface Counts {
  /** Answered. */
  requests: number
  /** Of these, server errors (5xx). */
  errors: number
  /** Of the answered ones. */
  latency: LatencyCounts | null
  /**
   * `late[i]`: requests that became older than `latency.le[i]` between the two looks, whether they were answered, were given
   * up by the client, or are still open. Each is in it once for each bound, in the look in which it passes it. Left out where
   * nothing tells of open requests: then only answered ones can be late.
   */
  late?: readonly number[]
}

/**
 * One bound's view: of `total` requests that are decided, `slow` took, or have waited, longer than `latency.le[index]`. The
 * others were answered in time. A request that is open and not that old is not decided yet, so `total` differs from bound
 * to bound.
 */
export function slowerThan({ latency, late }: Counts, index: number): { slow: number; total: number } {
  if (latency === null) return { slow: 0, total: 0 }
  const inTime = sum(latency.count, 0, index + 1)
  const slow = late?.[index] ?? sum(latency.count, index + 1, latency.count.length)
  return { slow, total: inTime + slow }
}

function sum(numbers: readonly number[], from: number, to: number): number {
  let total = 0
  for (let i = from; i < to; i++) total += numbers[i] ?? 0
  return total
}
