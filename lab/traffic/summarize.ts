import { percentile } from './percentile.ts'
import { endOf, hasFailed, type Sample } from './sample.ts'

export type SummaryOptions = {
  /** Whose answers count as bad: the version or the release that was rolled back. */
  badVersion?: string
  badRelease?: string
  /** Only requests sent at or after this moment count; also where waiting for a good answer begins. */
  from?: number
}

export type Summary = {
  requests: number
  /** Status 0 or >= 500. */
  failed: number
  failures: Record<string, number>
  byVersion: Record<string, { requests: number; failed: number }>
  /** What a shopper waits, a queue for a connection included; null without a single answer. */
  latencyMs: { p50: number | null; p95: number | null; p99: number | null; max: number | null }
  /** When the last request that the bad release answered was sent, and how long after `from`. */
  lastBadResponseSentAt: number | null
  lastBadResponseMs: number | null
  /** The longest time in which no good answer ended. */
  unavailableMs: number
}

export function summarize(samples: Sample[], options: SummaryOptions = {}): Summary {
  const counted = samples.filter(({ at }) => at >= (options.from ?? 0)).sort((a, b) => a.at - b.at)
  const failed = counted.filter(hasFailed)
  const lastBad = counted.findLast((sample) => isBad(sample, options))?.at ?? null
  return {
    requests: counted.length,
    failed: failed.length,
    failures: countBy(failed, ({ status, error }) => error ?? String(status)),
    byVersion: countVersions(counted),
    latencyMs: latencies(counted),
    lastBadResponseSentAt: lastBad,
    lastBadResponseMs: lastBad === null || options.from === undefined ? null : lastBad - options.from,
    unavailableMs: longestGap(counted, options.from),
  }
}

function isBad({ status, version, release }: Sample, { badVersion, badRelease }: SummaryOptions): boolean {
  if (status === 0) return false
  return (
    (badVersion !== undefined && version === badVersion) ||
    (badRelease !== undefined && release === badRelease)
  )
}

function countBy(samples: Sample[], key: (sample: Sample) => string): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const sample of samples) counts[key(sample)] = (counts[key(sample)] ?? 0) + 1
  return counts
}

function countVersions(samples: Sample[]): Summary['byVersion'] {
  const versions: Summary['byVersion'] = {}
  for (const sample of samples) {
    const name = sample.version ?? 'none'
    const count = versions[name] ?? { requests: 0, failed: 0 }
    versions[name] = {
      requests: count.requests + 1,
      failed: count.failed + (hasFailed(sample) ? 1 : 0),
    }
  }
  return versions
}

function latencies(samples: Sample[]): Summary['latencyMs'] {
  const sorted = samples
    .filter(({ status }) => status !== 0)
    .map(({ ms, waitedMs }) => ms + waitedMs)
    .sort((a, b) => a - b)
  const at = (share: number) => percentile(sorted, share)
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: sorted.at(-1) ?? null }
}

/**
 * From the beginning to the first good answer, between two of them, and from the last one until nothing was
 * asked any more: slow answers that trail behind the last request are no outage.
 */
function longestGap(sorted: Sample[], from: number | undefined): number {
  const start = from ?? sorted[0]?.at ?? 0
  const end = sorted.at(-1)?.at ?? start
  const good = sorted.filter((sample) => !hasFailed(sample)).map((sample) => Math.min(endOf(sample), end))
  const moments = [...good.sort((a, b) => a - b), end]
  let [longest, last] = [0, start]
  for (const moment of moments) {
    longest = Math.max(longest, moment - last)
    last = moment
  }
  return longest
}
