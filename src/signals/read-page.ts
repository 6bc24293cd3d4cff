import type { SignalSettings } from '../domain/watch-configuration.ts'
import { parsePrometheusText } from './prometheus-text.ts'
import { type Owner, type ReadSamples, readingsFrom, wantedNames } from './readings-from-samples.ts'

export type PageRead = ({ ok: true } & ReadSamples) | { ok: false; why: string }

/** The text of a metrics page -> readings. A page that is none is refused whole, with its first line that is wrong. */
export function readPage(text: string, settings: SignalSettings, ownerOf: Owner, at: number): PageRead {
  const page = parsePrometheusText(text, new Set(wantedNames(settings)))
  if (!page.ok) return { ok: false, why: `it is no metrics page: line ${page.line}, ${page.problem}` }
  const { readings, problems } = readingsFrom(page.samples, settings, ownerOf, at)
  const has = (...names: string[]) => names.some((name) => page.names.has(name))
  const { requests, duration } = settings
  // A counter with labels is described before it has counted anything. OpenMetrics leaves `_total` out there.
  if (!has(requests, requests.replace(/_total$/, '')))
    return { ok: false, why: `it has no ${requests} (watch.signals.requests)` }
  const lacksHistogram = !has(duration, `${duration}_bucket`)
  const told = lacksHistogram ? [`there is no histogram ${duration} (watch.signals.duration)`] : []
  return { ok: true, readings, problems: [...problems, ...told] }
}
