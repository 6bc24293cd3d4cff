import { describeSource } from '../domain/signal-source.ts'
import type { SignalSettings } from '../domain/watch-configuration.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signals } from '../ports/signals.ts'
import { fetchText } from './fetch-text.ts'
import { parseValue, type Sample } from './prometheus-text.ts'
import { ownerByLabels, readingsFrom, wantedNames } from './readings-from-samples.ts'

export interface PrometheusSignalsParts {
  /** `url` is set. */
  settings: SignalSettings
  clock: Pick<Clock, 'now'>
}

/**
 * A Prometheus server's HTTP API: the newest raw samples, all in one query, so that they belong together. Never rate() or
 * increase(): they guess what they did not see, and the judge counts.
 */
export function createPrometheusSignals({ settings, clock }: PrometheusSignalsParts): Signals {
  const url = settings.url ?? ''
  const endpoint = `${url}/api/v1/query?query=${encodeURIComponent(queryFor(settings))}`
  return {
    source: describeSource(settings),
    async read() {
      const fetched = await fetchText(
        { url: endpoint },
        { accept: 'application/json', ...settings.headers },
        settings.timeoutMs,
      )
      if (!fetched.ok) return { ok: false, detail: `${url}: ${fetched.why}` }
      const answer = parseAnswer(fetched.text)
      if (!answer.ok) return { ok: false, detail: `${url}: ${answer.why}` }
      const down = answer.samples.filter(({ name, value }) => name === 'up' && value === 0)
      const samples = answer.samples.filter(({ name }) => name !== 'up')
      if (!samples.some(({ name }) => name === settings.requests))
        return { ok: false, detail: `${url}: it has no ${settings.requests}{${settings.selector}} now` }
      const read = readingsFrom(samples, settings, ownerByLabels(settings, 'the only one'), clock.now())
      const problems = down.map(
        ({ labels }) => `Prometheus cannot scrape ${labels[settings.instanceLabel] ?? 'a target'}`,
      )
      return { ok: true, readings: read.readings, problems: [...read.problems, ...problems] }
    },
  }
}

/** `{__name__=~"a|b|up", job="shop"}`: names of metrics have no character that means something in a pattern. */
export function queryFor(settings: SignalSettings): string {
  const names = [...wantedNames(settings), 'up'].join('|')
  return `{__name__=~"${names}"${settings.selector.trim() === '' ? '' : `, ${settings.selector}`}}`
}

export type Answer = { ok: true; samples: Sample[] } | { ok: false; why: string }

/** A warning means that a part may be missing, and a part would look as if counters had fallen. */
export function parseAnswer(text: string): Answer {
  const answer = asMap(parseJson(text))
  if (answer === null) return { ok: false, why: 'its answer is no JSON' }
  if (answer.status !== 'success')
    return { ok: false, why: String(answer.error ?? 'its answer has no status') }
  const [warning] = Array.isArray(answer.warnings) ? answer.warnings : []
  if (warning !== undefined) return { ok: false, why: `it warns: ${String(warning)}` }
  const result = asMap(answer.data)?.result
  if (!Array.isArray(result)) return { ok: false, why: 'its answer has no result' }
  const samples: Sample[] = []
  for (const each of result) {
    const series = asMap(each)
    const value = Array.isArray(series?.value) ? parseValue(String(series.value[1])) : null
    const entries = Object.entries(asMap(series?.metric) ?? {}).map(([label, text]) => [label, String(text)])
    const { __name__: name, ...labels }: Record<string, string> = Object.fromEntries(entries)
    if (value === null || name === undefined) return { ok: false, why: 'a series in its answer has no value' }
    samples.push({ name, labels, value })
  }
  return { ok: true, samples }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function asMap(value: unknown): Record<string, unknown> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}
