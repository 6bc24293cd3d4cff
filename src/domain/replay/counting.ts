import type { ReplayLine } from './replay-line.ts'

/** `total`: as counters are, since the start. `increment`: what is new in each line. */
export type Counting = 'total' | 'increment'

/** So many lines at the beginning tell which of the two it is. */
export const LINES_TO_TELL = 200
const FEWEST = 5
/** Totals rise with nearly every line, but for a restart. */
const RISING = 0.9

/**
 * Totals only rise. Latencies that are listed one by one, numbers that stay the same or fall now and then, and a recording that
 * is too short to tell are increments.
 */
export function tellCounting(lines: readonly ReplayLine[]): Counting {
  if (lines.some(({ listed }) => listed)) return 'increment'
  const series = Object.values(groupBySource(lines)).filter((each) => each.length >= FEWEST)
  if (series.length === 0) return 'increment'
  return series.every(rises) ? 'total' : 'increment'
}

function groupBySource(lines: readonly ReplayLine[]): Record<string, number[]> {
  const groups: Record<string, number[]> = {}
  for (const { release, instance, requests } of lines) {
    const key = `${release}/${instance}`
    groups[key] ??= []
    groups[key].push(requests)
  }
  return groups
}

function rises(totals: readonly number[]): boolean {
  const steps = totals.slice(1).map((total, i) => total - (totals[i] ?? 0))
  return steps.filter((step) => step > 0).length >= steps.length * RISING
}
