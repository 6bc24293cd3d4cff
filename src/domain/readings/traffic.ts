import type { Counts } from '../evidence/counts.ts'
import type { ReleaseId } from '../release.ts'
import type { TrafficMemory } from './memory.ts'

/** What came ten minutes ago weighs an eighth of what comes now. */
const FADING_MS = 300_000
const FORGET_AFTER_MS = 86_400_000

/** @param fresh requests of which is known that they came since the look before */
export function rememberTraffic(
  traffic: Record<ReleaseId, TrafficMemory>,
  byRelease: Record<ReleaseId, Counts>,
  fresh: Record<ReleaseId, number>,
  now: number,
): Record<ReleaseId, TrafficMemory> {
  const next = Object.fromEntries(
    Object.entries(traffic).filter(([, { lastRequestAt }]) => lastRequestAt > now - FORGET_AFTER_MS),
  )
  for (const [release, { requests }] of Object.entries(byRelease)) {
    if (requests === 0) continue
    const before = traffic[release]
    if (before === undefined) {
      next[release] = { lastRequestAt: now, requests: 0, spanMs: 0 }
      continue
    }
    // A quiet time counts once it is over, so a silence does not hide itself by becoming the usual.
    const span = now - before.lastRequestAt
    const kept = Math.exp(-span / FADING_MS)
    next[release] = {
      lastRequestAt: now,
      requests: before.requests * kept + (fresh[release] ?? 0),
      spanMs: before.spanMs * kept + span,
    }
  }
  return next
}

/** How long no answered request was seen, and how many would have come meanwhile at the usual rate. */
export interface Silence {
  since: number
  expected: number
}

/** Null: there never was any traffic to go missing. */
export function silenceOf(traffic: TrafficMemory | undefined, now: number): Silence | null {
  if (traffic === undefined || traffic.spanMs === 0) return null
  const { lastRequestAt, requests, spanMs } = traffic
  return { since: lastRequestAt, expected: (requests / spanMs) * Math.max(0, now - lastRequestAt) }
}
