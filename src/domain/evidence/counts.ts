/**
 * Latencies in buckets: `count[i]` answers took more than `le[i-1]` and at most `le[i]` ms; the last count is above all
 * bounds, so `count.length = le.length + 1`. Not cumulative.
 */
export interface LatencyCounts {
  /** Upper bounds in ms, rising, above 0. */
  le: readonly number[]
  count: readonly number[]
}

/** What a release did between two looks, all its instances together. */
export interface Counts {
  requests: number
  /** Of these requests, those that were answered with a server error. */
  errors: number
  /** Null: nobody measured. Its total may differ from `requests`: what is still open has no latency yet. */
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

export const NO_COUNTS: Counts = { requests: 0, errors: 0, latency: null }

/**
 * The edge of the judge: what comes in is counts, or it does not come in. Readings are cleaned before (resets, gaps, a clock
 * that was set back), because what to do about them depends on where they come from.
 *
 * @throws RangeError for NaN, infinity, negative numbers, more errors than requests, and buckets that are none
 */
export function checkCounts({ requests, errors, latency, late }: Counts): void {
  checkCount('requests', requests)
  checkCount('errors', errors)
  if (errors > requests) throw new RangeError(`${errors} errors of ${requests} requests`)
  if (latency !== null) checkLatency(latency)
  if (late === undefined) return
  if (late.length !== latency?.le.length)
    throw new RangeError(`${late.length} counts of late requests need as many bounds`)
  for (const each of late) checkCount('late requests', each)
}

/** @throws RangeError */
export function checkLatency({ le, count }: LatencyCounts): void {
  if (count.length !== le.length + 1) {
    throw new RangeError(`${le.length} bounds need ${le.length + 1} counts, not ${count.length}`)
  }
  let below = 0
  for (const bound of le) {
    if (!(bound > below) || bound === Number.POSITIVE_INFINITY) {
      throw new RangeError(`the bounds must rise from above 0, and ${bound} follows ${below}`)
    }
    below = bound
  }
  for (const each of count) checkCount('a bucket', each)
}

function checkCount(what: string, value: number): void {
  if (!(value >= 0) || value === Number.POSITIVE_INFINITY) throw new RangeError(`${what}: ${value}`)
}
