import type { Reading } from '../reading.ts'
import type { LatencyMemory } from './memory.ts'

/**
 * For each bound, how many requests have ever been seen older than it: answered, given up or open. As long as a source tells
 * of all three, a request that has passed a bound stays beyond it, so the sum only grows, and each request is in it once.
 * Where it does not (clients' giving up is not told, an answer has begun and is still being sent), the sum can fall for a
 * while; the greatest that was seen is kept, so that what comes back is not counted again.
 */
export function lateOnes(reading: Reading, before: readonly number[] | null): number[] {
  const { latency, waiting, abandoned } = reading
  if (latency === null) return []
  const late = new Array<number>(latency.le.length)
  let sum = 0
  for (let i = latency.le.length; i > 0; i--) {
    sum += (latency.count[i] ?? 0) + (waiting?.count[i] ?? 0) + (abandoned?.count[i] ?? 0)
    late[i - 1] = Math.max(sum, before?.[i - 1] ?? 0)
  }
  return late
}

/** A histogram that could not be read this time is not forgotten: the next one goes on from where it was. */
export function rememberLatency(reading: Reading, before: LatencyMemory | null): LatencyMemory | null {
  if (reading.latency === null) return before
  return {
    le: before?.le ?? reading.latency.le,
    answered: [...reading.latency.count],
    late: lateOnes(reading, before?.late ?? null),
    open: reading.waiting !== null || reading.abandoned !== null,
  }
}
