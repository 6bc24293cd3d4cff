import type { Baseline } from '../domain/baseline.ts'
import { NOTHING_READ } from '../domain/readings/memory.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { WatchConfiguration } from '../domain/watch-configuration.ts'
import { type AdvisorySense, NOT_ASKED } from './advisory-sense.ts'
import type { FlowSense } from './flow-sense.ts'
import type { InvariantSense } from './invariant-sense.ts'
import { NO_SESSIONS, type SessionSense } from './session-sense.ts'
import { startTraffic, type TrafficSense } from './traffic-sense.ts'

/** What a watcher knows of the release that serves. Plain data: it is saved after each look, and read back after a kill. */
export interface WatchMemory {
  /** Of another version of lastgood: watching begins anew. */
  version: 1
  release: ReleaseId
  liveSince: string
  traffic: TrafficSense
  flows: Record<string, FlowSense>
  invariants: Record<string, InvariantSense>
  advisories: AdvisorySense
  sessions: SessionSense
}

export function startMemory(
  state: ServiceState & { live: string; liveSince: string },
  settings: WatchConfiguration,
  before: WatchMemory | null,
): WatchMemory {
  const switchedAt = Date.parse(state.liveSince)
  return {
    version: 1,
    release: state.live,
    liveSince: state.liveSince,
    traffic: startTraffic(settings, {
      release: state.live,
      baseline: baselineFor(state, state.live),
      switchedAt,
      // What came by a rollback has to prove that it helped.
      recovers: state.liveBy === 'rollback',
      readings: before?.traffic.readings ?? NOTHING_READ,
    }),
    flows: {},
    invariants: {},
    advisories: NOT_ASKED,
    sessions: NO_SESSIONS,
  }
}

/** Null: it is of another version, or none. */
export function readMemory(saved: unknown): WatchMemory | null {
  const memory = saved as Partial<WatchMemory> | null
  return memory?.version === 1 ? (memory as WatchMemory) : null
}

export function isOf(memory: WatchMemory, { live, liveSince }: ServiceState): boolean {
  return memory.release === live && memory.liveSince === liveSince
}

/** Of the newest other release that has one: what the users were used to. Of itself, where it serves again. */
export function baselineFor({ baselines, releases }: ServiceState, release: ReleaseId): Baseline | null {
  const own = baselines.get(release)
  if (own !== undefined) return own
  const other = releases.findLast(({ id }) => baselines.has(id))
  return other === undefined ? null : (baselines.get(other.id) ?? null)
}
