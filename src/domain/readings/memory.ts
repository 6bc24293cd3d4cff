import type { ReleaseId } from '../release.ts'

/** What is known of the counters until now. Plain JSON: kept in a file, it makes the time in which nobody looked one look. */
export interface ReadingMemory {
  /** When the newest look was, epoch ms; null before the first. */
  at: number | null
  /** By release and name. */
  instances: Record<string, InstanceMemory>
  /** Instances that were replaced by another one of the same name (a pid is used again). */
  ended: EndedInstance[]
  traffic: Record<ReleaseId, TrafficMemory>
}

export interface InstanceMemory {
  instance: string
  release: ReleaseId | null
  startedAt: number | null
  firstSeenAt: number
  /** Of the newest reading that was taken. */
  readAt: number
  goneAt: number | null
  /** Null: the newest reading was answered. */
  unansweredSince: number | null
  /** Totals, as they were read. */
  requests: number
  errors: number
  latency: LatencyMemory | null
}

export interface LatencyMemory {
  le: readonly number[]
  /** Answered, by bucket. */
  answered: number[]
  /** `late[i]`: requests that were ever seen older than `le[i]`. Never goes down while the instance lives. */
  late: number[]
  /** Something told of open requests. */
  open: boolean
}

export interface EndedInstance {
  release: ReleaseId | null
  bornAt: number
  endedAt: number
}

/** How much comes, so that one can tell when nothing does. Only moments with traffic are in the rate. */
export interface TrafficMemory {
  /** The newest look that saw an answered request. */
  lastRequestAt: number
  /** Fading: the last minutes weigh most. */
  requests: number
  spanMs: number
}

export const NOTHING_READ: ReadingMemory = { at: null, instances: {}, ended: [], traffic: {} }

/** When it began to be, as far as anybody knows. */
export function bornAt({ startedAt, firstSeenAt }: InstanceMemory): number {
  return startedAt ?? firstSeenAt
}
