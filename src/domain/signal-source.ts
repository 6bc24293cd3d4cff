import type { SignalSettings } from './watch-configuration.ts'

/** Where the counters come from, for the screen. */
export function describeSource({ from, url, path }: Pick<SignalSettings, 'from' | 'url' | 'path'>): string {
  if (from === 'agent') return 'the agents'
  if (from === 'prometheus') return `${url} (Prometheus)`
  return url ?? `${path} of each instance`
}
