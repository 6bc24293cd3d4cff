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
}

export const NO_COUNTS: Counts = { requests: 0, errors: 0, latency: null }

/**
 * The edge of the judge: what comes in is counts, or it does not come in. Readings are cleaned before (resets, gaps, a clock
 * that was set back), because what to do about them depends on where they come from.
 *
 * @throws RangeError for NaN, infinity, negative numbers, more errors than requests, and buckets that are none
 */
export function checkCounts({ requests, errors, latency }: Counts): void {
  checkCount('requests', requests)
  checkCount('errors', errors)
  if (errors > requests) throw new RangeError(`${errors} errors of ${requests} requests`)
  if (latency !== null) checkLatency(latency)
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
