import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import { findProgram } from '../postgres/install-postgres.ts'
import { startProgram } from '../start-program.ts'
import { waitUntil } from '../wait-until.ts'

export type Server = { url: string; log: string }

/** A private Prometheus that scrapes the pages of these `host:port`s several times a second. Job -> targets. */
export function startPrometheus(lab: Lab, jobs: Record<string, readonly string[]>): Promise<Server> {
  const configuration = {
    global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
    scrape_configs: Object.entries(jobs).map(([job, targets]) => ({
      job_name: job,
      static_configs: [{ targets }],
    })),
  }
  return startServer(lab, {
    name: 'prometheus',
    places: ['/usr/bin/prometheus', '/usr/local/bin/prometheus', '/opt/prometheus/prometheus'],
    configuration,
    args: (dir) => [`--storage.tsdb.path=${join(dir, 'data')}`],
  })
}

/** A private Alertmanager that sends what it gets to this address at once. */
export function startAlertmanager(lab: Lab, receiver: { url: string; token: string }): Promise<Server> {
  const configuration = {
    route: { receiver: 'lastgood', group_by: ['alertname'], group_wait: '10ms', group_interval: '1s' },
    receivers: [
      {
        name: 'lastgood',
        webhook_configs: [
          {
            url: receiver.url,
            send_resolved: true,
            http_config: { authorization: { credentials: receiver.token } },
          },
        ],
      },
    ],
  }
  return startServer(lab, {
    name: 'prometheus-alertmanager',
    places: ['/usr/bin/prometheus-alertmanager', '/usr/bin/alertmanager', '/usr/local/bin/alertmanager'],
    configuration,
    args: (dir) => [`--storage.path=${join(dir, 'data')}`, '--cluster.listen-address='],
  })
}

async function startServer(
  lab: Lab,
  options: {
    /** Debian's package, too. */
    name: string
    places: readonly string[]
    configuration: object
    args(dir: string): string[]
  },
): Promise<Server> {
  const program = await findProgram(options.name, options.name, options.places)
  const port = await lab.freePort()
  const dir = join(lab.dir, `${options.name}-${port}`)
  await mkdir(dir)
  const config = join(dir, 'configuration.yml')
  // JSON is YAML.
  await writeFile(config, JSON.stringify(options.configuration))
  const log = join(lab.dir, `${options.name}-${port}.log`)
  const address = `127.0.0.1:${port}`
  const args = [
    `--config.file=${config}`,
    `--web.listen-address=${address}`,
    '--log.level=warn',
    ...options.args(dir),
  ]
  await startProgram(lab, program, args, { log, cwd: dir })
  const url = `http://${address}`
  await waitUntil(async () => (await fetch(`${url}/-/ready`)).ok, { what: `${options.name} (${log})` })
  return { url, log }
}
