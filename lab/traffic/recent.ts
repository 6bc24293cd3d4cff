import { percentile } from './percentile.ts'
import { endOf, hasFailed, type Sample } from './sample.ts'

/** What ended in the last second, for a live display. */
export type Recent = {
  at: number
  ok: number
  failed: number
  byVersion: Record<string, number>
  byRelease: Record<string, number>
  p50: number | null
  p95: number | null
  /** Since the beginning. */
  totals: { requests: number; failed: number }
}

export const NOTHING_YET: Recent = {
  at: 0,
  ok: 0,
  failed: 0,
  byVersion: {},
  byRelease: {},
  p50: null,
  p95: null,
  totals: { requests: 0, failed: 0 },
}

/** Samples come in the order in which they ended, so the last second is found from the back. */
export function countRecent(last: Sample[], at: number, totals: Recent['totals']): Recent {
  const start = last.findLastIndex((sample) => endOf(sample) < at - 1000) + 1
  const second = last.slice(start)
  const sorted = second.map(({ ms, waitedMs }) => ms + waitedMs).sort((a, b) => a - b)
  const failed = second.filter(hasFailed).length
  return {
    at,
    ok: second.length - failed,
    failed,
    byVersion: countNames(second.map(({ version }) => version)),
    byRelease: countNames(second.map(({ release }) => release)),
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    totals,
  }
}

function countNames(names: (string | null)[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) if (name !== null) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
