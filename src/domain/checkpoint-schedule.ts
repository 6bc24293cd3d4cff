import type { KeptCheckpoint } from './checkpoint.ts'
import { isGoodCheckpoint } from './checkpoint-retention.ts'

export interface CheckpointSchedule {
  due: boolean
  /** Late by more than half of the time between two: whoever should take them does not. */
  overdue: boolean
  /** When the next one is due; in the past, or now: it is due. */
  nextAt: string
}

/** One that is damaged, or that a trial found bad, is none. However it came to be, by a deploy or by hand, it counts. */
export function checkpointDue(
  kept: readonly KeptCheckpoint[],
  everyMs: number,
  now: number,
): CheckpointSchedule {
  const newest = kept.filter(isGoodCheckpoint).map(({ checkpoint }) => Date.parse(checkpoint.createdAt))
  if (newest.length === 0) return { due: true, overdue: true, nextAt: new Date(now).toISOString() }
  const next = Math.max(...newest) + everyMs
  return { due: now >= next, overdue: now > next + everyMs / 2, nextAt: new Date(next).toISOString() }
}
