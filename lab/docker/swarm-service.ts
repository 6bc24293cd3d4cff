import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STORE_DIR } from '../history/copy-store.ts'
import type { LabEngine } from './start-engine.ts'

/** Tasks reach each other, and what routes to them, over it. */
export const NETWORK = 'front'

type SwarmService = {
  /** Its full name. */
  name: string
  /** Of the host, on which its HAProxy listens. */
  port: number
  image: string
  replicas: number
  /** `--env`, `--mount`, policies. */
  options: string[]
}

/** A swarm of this one node: more would need an engine in a network of its own for each. */
export async function initSwarm(engine: LabEngine): Promise<void> {
  await engine.docker('swarm', 'init', '--advertise-addr', '127.0.0.1')
  await engine.docker('network', 'create', '-d', 'overlay', '--attachable', NETWORK)
}

/**
 * The store's own HAProxy in front of a service, which finds its tasks by name: the swarm's own mesh needs IPVS, which not
 * every kernel has.
 */
export async function startSwarmProxy(
  engine: LabEngine,
  folder: string,
  name: string,
  port: number,
): Promise<void> {
  const settings = await readFile(join(STORE_DIR, 'haproxy/haproxy.cfg'), 'utf8')
  for (const part of ['haproxy', 'run']) await mkdir(join(folder, part), { recursive: true })
  const own = settings
    .replace(' app:3000 ', ` tasks.${name}:3000 `)
    // Nobody tells it when a task has come or gone: it has to see that soon, and to try another task meanwhile.
    .replaceAll('500ms', '200ms')
    .replace(
      'option redispatch',
      'option redispatch\n  retry-on conn-failure empty-response response-timeout',
    )
  await writeFile(join(folder, 'haproxy/haproxy.cfg'), own)
  await engine.docker(
    ...['run', '-d', '--name', `${name}-proxy`, '--network', NETWORK, '--restart', 'always'],
    ...['-p', `127.0.0.1:${port}:8080`, '-v', `${folder}/run:/run/haproxy`],
    ...['-v', `${folder}/haproxy:/usr/local/etc/haproxy:ro`, 'haproxy:2.6'],
  )
}

/** A service and its HAProxy. */
export async function createSwarmService(
  engine: LabEngine,
  folder: string,
  { name, port, image, replicas, options }: SwarmService,
): Promise<void> {
  await startSwarmProxy(engine, folder, name, port)
  await engine.docker(
    ...['service', 'create', '--detach', '--name', name, '--replicas', String(replicas)],
    ...['--no-resolve-image', '--endpoint-mode', 'dnsrr', '--network', NETWORK, ...options, image],
  )
}
