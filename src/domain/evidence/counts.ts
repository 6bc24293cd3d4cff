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
  /** Answered, or open for longer than what is judged slow. */
  requests: number
  /** Of these, server errors (5xx). */
  errors: number
  latency: LatencyCounts | null
}
