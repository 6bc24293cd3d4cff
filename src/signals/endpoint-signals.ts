import type { Reading } from '../domain/reading.ts'
import type { ReleaseId } from '../domain/release.ts'
import { describeSource } from '../domain/signal-source.ts'
import type { SignalSettings } from '../domain/watch-configuration.ts'
import type { Clock } from '../ports/clock.ts'
import type { Signals, SignalsRead } from '../ports/signals.ts'
import { fetchText } from './fetch-text.ts'
import { readPage } from './read-page.ts'
import { ownerByLabels } from './readings-from-samples.ts'

/** An instance that can be asked without going through the service's traffic. */
export interface PrivateInstance {
  release: ReleaseId
  pid: number
  socketPath: string
}

export interface EndpointSignalsParts {
  settings: SignalSettings
  instances(): Promise<PrivateInstance[]>
  clock: Pick<Clock, 'now'>
}

const ACCEPT = { accept: 'text/plain;version=0.0.4, application/openmetrics-text;q=0.5' }

/**
 * The service's own metrics page. Behind one port the instances of a cluster answer in turn, so without a url each is asked on
 * its private socket: which instance and which release it is, is then known, whatever the labels say.
 */
export function createEndpointSignals({ settings, instances, clock }: EndpointSignalsParts): Signals {
  const { url, path, timeoutMs } = settings
  const headers = { ...ACCEPT, ...settings.headers }
  if (url !== null) {
    const { host, pathname } = new URL(url)
    const here = { ...settings, path: pathname }
    return {
      source: describeSource(settings),
      async read() {
        const page = await fetchText({ url }, headers, timeoutMs)
        if (!page.ok) return { ok: false, detail: `${url}: ${page.why}` }
        const read = readPage(page.text, here, ownerByLabels(settings, host), clock.now())
        return read.ok ? read : { ok: false, detail: `${url}: ${read.why}` }
      },
    }
  }
  const readOne = async ({ release, pid, socketPath }: PrivateInstance): Promise<SignalsRead | null> => {
    const page = await fetchText({ socketPath, path }, headers, timeoutMs)
    const at = clock.now()
    const instance = String(pid)
    // A file that a dead process left, or one that has no server yet.
    if (!page.ok && page.absent) return null
    if (!page.ok && page.silent)
      return { ok: true, readings: [{ ...UNANSWERED, instance, release, at }], problems: [] }
    const detail = (why: string) => `${path} of ${release} (${pid}): ${why}`
    if (!page.ok) return { ok: false, detail: detail(page.why) }
    const read = readPage(page.text, settings, () => ({ instance, release }), at)
    if (!read.ok) return { ok: false, detail: detail(read.why) }
    // It has counted nothing yet, and is there all the same.
    const nothing = { ...UNANSWERED, answered: true, instance, release, at }
    return { ...read, readings: read.readings.length === 0 ? [nothing] : read.readings }
  }
  return {
    source: describeSource(settings),
    async read() {
      const reads = (await Promise.all((await instances()).map(readOne))).filter((read) => read !== null)
      if (reads.length === 0)
        return {
          ok: true,
          readings: [],
          problems: ['no instance can be asked in private: none runs, or without agent'],
        }
      const failed = reads.flatMap((read) => (read.ok ? [] : [read.detail]))
      if (failed.length === reads.length) return { ok: false, detail: failed.join('; ') }
      const good = reads.filter((read) => read.ok)
      return {
        ok: true,
        readings: good.flatMap(({ readings }) => readings),
        problems: [...failed, ...new Set(good.flatMap(({ problems }) => problems))],
      }
    },
  }
}

const UNANSWERED: Omit<Reading, 'instance' | 'release' | 'at'> = {
  startedAt: null,
  answered: false,
  requests: 0,
  errors: 0,
  latency: null,
  waiting: null,
  abandoned: null,
  rss: null,
  connections: null,
  sessions: null,
}
