import type { Counts, LatencyCounts } from '../evidence/counts.ts'
import { sameBounds } from './check-reading.ts'

/** Two instances of one release. Buckets that differ become the ones that both have: each sum stays exact. */
export function mergeCounts(a: Counts, b: Counts): Counts {
  const sums = { requests: a.requests + b.requests, errors: a.errors + b.errors }
  if (a.latency === null || b.latency === null) {
    const { latency, late } = a.latency === null ? b : a
    return { ...sums, latency, ...(late === undefined ? {} : { late }) }
  }
  if (sameBounds(a.latency.le, b.latency.le)) {
    const count = add(a.latency.count, b.latency.count)
    const latency = { le: a.latency.le, count }
    if (a.late === undefined && b.late === undefined) return { ...sums, latency }
    return { ...sums, latency, late: add(lateOf(a), lateOf(b)) }
  }
  const shared = new Set(b.latency.le)
  const le = a.latency.le.filter((bound) => shared.has(bound))
  return mergeCounts({ ...sums, ...onto(le, a) }, { requests: 0, errors: 0, ...onto(le, b) })
}

function onto(le: readonly number[], counts: Counts): { latency: LatencyCounts; late?: number[] } {
  const { le: own = [], count = [] } = counts.latency ?? {}
  const merged = new Array<number>(le.length + 1).fill(0)
  let target = 0
  for (const [index, number] of count.entries()) {
    while (target < le.length && (own[index] ?? Number.POSITIVE_INFINITY) > (le[target] ?? 0)) target++
    merged[target] = (merged[target] ?? 0) + number
  }
  const latency = { le, count: merged }
  if (counts.late === undefined) return { latency }
  return { latency, late: le.map((bound) => counts.late?.[own.indexOf(bound)] ?? 0) }
}

/** Of a source that tells of answered requests only: those. */
function lateOf({ latency, late }: Counts): readonly number[] {
  if (late !== undefined || latency === null) return late ?? []
  let sum = 0
  return latency.count
    .slice(1)
    .reverse()
    .map((count) => (sum += count))
    .reverse()
}

function add(a: readonly number[], b: readonly number[]): number[] {
  const sum = [...a]
  for (let i = 0; i < sum.length; i++) sum[i] = (a[i] ?? 0) + (b[i] ?? 0)
  return sum
}
