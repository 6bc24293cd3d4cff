import type { Baseline } from '../domain/baseline.ts'
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
    }),
    flows: {},
    invariants: {},
    advisories: NOT_ASKED,
    sessions: NO_SESSIONS,
  }
}

/** Saved for what serves now, and by this version; null: it is of no use. */
export function usableMemory(saved: unknown, state: ServiceState): WatchMemory | null {
  const memory = saved as Partial<WatchMemory> | null
  if (memory === null || memory.version !== 1) return null
  return memory.release === state.live && memory.liveSince === state.liveSince
    ? (memory as WatchMemory)
    : null
}

/** Of the newest other release that has one: what the users were used to. Of itself, where it serves again. */
export function baselineFor({ baselines, releases }: ServiceState, release: ReleaseId): Baseline | null {
  const own = baselines.get(release)
  if (own !== undefined) return own
  const other = releases.findLast(({ id }) => baselines.has(id))
  return other === undefined ? null : (baselines.get(other.id) ?? null)
}
