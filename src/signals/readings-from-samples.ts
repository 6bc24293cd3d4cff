import type { LatencyCounts } from '../domain/evidence/counts.ts'
import type { Reading } from '../domain/reading.ts'
import type { SignalSettings } from '../domain/watch-configuration.ts'
import type { Sample } from './prometheus-text.ts'

const STARTED = 'process_start_time_seconds'
const MEMORY = 'process_resident_memory_bytes'

export function wantedNames({ requests, duration, sessions }: SignalSettings): string[] {
  return [requests, `${duration}_bucket`, STARTED, MEMORY, ...(sessions === null ? [] : [sessions])]
}

/** Whose samples they are. */
export type Owner = (labels: Sample['labels']) => { instance: string; release: string | null }

/** By the labels; where none tells the instance, there is only one. */
export function ownerByLabels(
  { instanceLabel, releaseLabel }: Pick<SignalSettings, 'instanceLabel' | 'releaseLabel'>,
  only: string,
): Owner {
  return (labels) => ({
    instance: labels[instanceLabel] ?? only,
    // An empty label is none.
    release: labels[releaseLabel] || null,
  })
}

export interface ReadSamples {
  readings: Reading[]
  problems: string[]
}

/** All label sets of one instance of one release, summed. What asks for metrics is no traffic, and is left out. */
export function readingsFrom(
  samples: readonly Sample[],
  settings: SignalSettings,
  ownerOf: Owner,
  at: number,
): ReadSamples {
  const groups = new Map<string, { instance: string; release: string | null; samples: Sample[] }>()
  for (const sample of samples) {
    const { instance, release } = ownerOf(sample.labels)
    const key = `${release}\n${instance}`
    const group = groups.get(key) ?? { instance, release, samples: [] }
    group.samples.push(sample)
    groups.set(key, group)
  }
  const problems = new Set<string>()
  const isError = new RegExp(`^(?:${settings.errorStatus})$`)
  const readings = [...groups.values()].map(({ instance, release, samples: all }): Reading => {
    const of = (name: string) => all.filter((sample) => sample.name === name)
    const requests = of(settings.requests).filter((sample) => !asksForMetrics(sample, settings))
    const errors = requests.filter(({ labels }) => isError.test(labels[settings.statusLabel] ?? ''))
    if (requests.some(({ labels }) => labels[settings.statusLabel] === undefined))
      problems.add(`${settings.requests} has no label ${settings.statusLabel}: errors cannot be told`)
    const buckets = of(`${settings.duration}_bucket`).filter((sample) => !asksForMetrics(sample, settings))
    const latency = histogramOf(buckets)
    if (latency === null && buckets.length > 0)
      problems.add(`the buckets of ${settings.duration} do not add up: it is left out`)
    const startedAt = of(STARTED)[0]?.value
    return {
      instance,
      release,
      at,
      startedAt: startedAt === undefined ? null : Math.round(startedAt * 1_000),
      answered: true,
      requests: sum(requests),
      errors: sum(errors),
      latency,
      waiting: null,
      abandoned: null,
      rss: of(MEMORY)[0]?.value ?? null,
      connections: null,
      sessions: settings.sessions === null ? null : sumOrNull(of(settings.sessions)),
    }
  })
  return { readings, problems: [...problems] }
}

/** A scrape each second would be most of what a quiet service answers, and would hide that the rest fails. */
function asksForMetrics({ labels }: Sample, { path }: SignalSettings): boolean {
  const [plain] = path.split('?')
  return Object.values(labels).some((value) => value === plain)
}

/** Cumulative buckets in seconds, of one or many label sets -> one histogram in ms. Null: it is none. */
export function histogramOf(buckets: readonly Sample[]): LatencyCounts | null {
  if (buckets.length === 0) return null
  const sets = new Map<string, Map<number, number>>()
  for (const { labels, value } of buckets) {
    const { le, ...rest } = labels
    const bound = le === undefined ? Number.NaN : Number(le.replace(/^\+?inf$/i, 'Infinity'))
    if (Number.isNaN(bound)) return null
    const key = JSON.stringify(Object.entries(rest).sort())
    const set = sets.get(key) ?? new Map<number, number>()
    sets.set(key, set.set(bound, value))
  }
  const all = [...sets.values()]
  const bounds = [...(all[0]?.keys() ?? [])]
    .filter((bound) => all.every((set) => set.has(bound)))
    .sort((a, b) => a - b)
  if (bounds.at(-1) !== Number.POSITIVE_INFINITY) return null
  const totals = bounds.map((bound) => all.reduce((total, set) => total + (set.get(bound) ?? 0), 0))
  const count = totals.map((total, index) => total - (totals[index - 1] ?? 0))
  if (count.some((number) => !(number >= 0))) return null
  return { le: bounds.slice(0, -1).map(toMs), count }
}

/** 0.035 s is 35 ms, not 35.00000000000001. */
function toMs(seconds: number): number {
  return Number((seconds * 1_000).toPrecision(12))
}

function sum(samples: readonly Sample[]): number {
  return samples.reduce((total, { value }) => total + value, 0)
}

function sumOrNull(samples: readonly Sample[]): number | null {
  return samples.length === 0 ? null : sum(samples)
}
