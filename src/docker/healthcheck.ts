import type { Configuration } from '../domain/configuration.ts'
import type { JsonValue } from '../ports/release-store.ts'

/** To be added to the service in a Compose or stack file. Node is in the image already; curl may not be. */
export function healthcheckLine(port: number, { health }: Pick<Configuration, 'health'>): string {
  const url = `http://127.0.0.1:${port}${health.ready ?? health.live ?? '/'}`
  const ask = `fetch('${url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))`
  return `healthcheck: { test: [CMD, node, -e, "${ask}"], interval: 2s, timeout: 2s, start_period: 20s }`
}

/** The engine's own, where a container that starts has a start period and nothing is said of how often it is looked at. */
const START_INTERVAL_NS = 5e9
/** Docker 25. Before, a container that starts is looked at as often as one that runs. */
const KNOWS_START_INTERVAL = 44

/** Its boot lasts five seconds, whatever its interval says. @param healthcheck in the engine's own words */
export function bootsInFives(healthcheck: Record<string, JsonValue>, apiVersion: string): boolean {
  const { StartPeriod, StartInterval, Interval } = healthcheck
  const isSilent = Number(StartPeriod ?? 0) > 0 && !StartInterval
  const isQuicker = Number(Interval ?? 0) > 0 && Number(Interval) < START_INTERVAL_NS
  return isSilent && isQuicker && Number(apiVersion.split('.')[1]) >= KNOWS_START_INTERVAL
}
