import type { Configuration } from '../domain/configuration.ts'

/** To be added to the service in a Compose or stack file. Node is in the image already; curl may not be. */
export function healthcheckLine(port: number, { health }: Pick<Configuration, 'health'>): string {
  const url = `http://127.0.0.1:${port}${health.ready ?? health.live ?? '/'}`
  const ask = `fetch('${url}').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))`
  return `healthcheck: { test: [CMD, node, -e, "${ask}"], interval: 2s, timeout: 2s, start_period: 20s }`
}
