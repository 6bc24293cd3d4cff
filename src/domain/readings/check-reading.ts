import type { LatencyCounts } from '../evidence/counts.ts'
import type { Reading } from '../reading.ts'

/** Clocks of one host agree better than this. */
const AHEAD_MS = 5_000

export interface CheckedReading {
  /** Null: it cannot be used. */
  reading: Reading | null
  problems: string[]
}

/** What can be used of a reading. A counter that is no count makes it useless; a gauge or a histogram is left out alone. */
export function checkReading(reading: Reading, now: number): CheckedReading {
  const who = nameOf(reading)
  const { at, requests, errors } = reading
  if (!Number.isFinite(at)) return unusable(`${who}: nobody knows when it was read`)
  if (at > now + AHEAD_MS) return unusable(`${who}: read ${seconds(at - now)} from now; a clock is wrong`)
  if (!reading.answered) return { reading, problems: [] }
  if (!isCount(requests) || !isCount(errors))
    return unusable(`${who}: ${requests} requests and ${errors} errors are no counts`)
  if (errors > requests) return unusable(`${who}: ${errors} errors in ${requests} requests`)

  const problems: string[] = []
  const sound = reading.latency === null || isHistogram(reading.latency)
  if (!sound) problems.push(`${who}: its latencies are no histogram`)
  const latency = sound ? reading.latency : null
  const beside = (name: 'waiting' | 'abandoned') => {
    const counts = reading[name]
    if (counts === null || latency === null) return null
    if (isHistogram(counts) && sameBounds(counts.le, latency.le)) return counts
    problems.push(`${who}: its ${name} requests are not in the buckets of its latencies`)
    return null
  }
  const gauge = (name: 'rss' | 'connections' | 'sessions') => {
    const value = reading[name]
    if (value === null || isCount(value)) return value
    problems.push(`${who}: ${name} is ${value}`)
    return null
  }
  const startedAt =
    reading.startedAt !== null && Number.isFinite(reading.startedAt) ? reading.startedAt : null
  return {
    reading: {
      ...reading,
      startedAt,
      latency,
      waiting: beside('waiting'),
      abandoned: beside('abandoned'),
      rss: gauge('rss'),
      connections: gauge('connections'),
      sessions: gauge('sessions'),
    },
    problems,
  }
}

export function nameOf({ release, instance }: Pick<Reading, 'release' | 'instance'>): string {
  return release === null ? `instance ${instance}` : `${release} (${instance})`
}

export function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}

export function sameBounds(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function unusable(problem: string): CheckedReading {
  return { reading: null, problems: [problem] }
}

function isCount(value: number): boolean {
  return value >= 0 && value < Number.POSITIVE_INFINITY
}

/** Loops, here and in what sums: a thousand instances are looked at each second, each with a hundred buckets. */
function isHistogram({ le, count }: LatencyCounts): boolean {
  if (count.length !== le.length + 1) return false
  let below = 0
  for (const bound of le) {
    if (!(bound > below && bound < Number.POSITIVE_INFINITY)) return false
    below = bound
  }
  for (const number of count) if (!isCount(number)) return false
  return true
}
