import type { LatencyCounts } from './evidence/counts.ts'
import type { ReleaseId } from './release.ts'

/** What one instance has counted since it started, as it was read at one moment. */
export interface Reading {
  /** Unique while it lives: a pid, a Prometheus instance. */
  instance: string
  /** Null: nothing tells which release it is; it convicts nobody. */
  release: ReleaseId | null
  /** When it was read, epoch ms. */
  at: number
  /** Epoch ms; null where the source does not tell. */
  startedAt: number | null
  /** False: it is there and does not answer; the numbers are 0 then, and mean nothing. */
  answered: boolean
  /** Totals since the start. */
  requests: number
  errors: number
  latency: LatencyCounts | null
  /** Open requests by their age now, in the buckets of `latency`; null where the source does not tell. */
  waiting: LatencyCounts | null
  /** Requests whose clients went away before the answer, by their age then; null where the source does not tell. */
  abandoned: LatencyCounts | null
  /** Resident memory, bytes; null where the source does not tell. */
  rss: number | null
  connections: number | null
  /** Users' sessions as a metric tells; null where none is configured or the source has none. */
  sessions: number | null
}
