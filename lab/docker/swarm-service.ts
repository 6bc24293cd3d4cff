import { randomInt } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { STORE_DIR } from '../history/copy-store.ts'
import type { LabEngine } from './start-engine.ts'
import type { SwarmNode } from './swarm-nodes.ts'

/** Tasks reach each other, and what routes to them, over it. */
export const NETWORK = 'front'

type SwarmService = {
  /** Its full name. */
  name: string
  /** Of the host, on which its HAProxy listens. */
  port: number
  address?: string
  image: string
  replicas: number
  /** `--env`, `--mount`, policies. */
  options: string[]
}

/** A swarm of this one node, beside any other on this host: at an address and a port that are its own. */
export async function initSwarm({ docker }: LabEngine, address = ownAddress()): Promise<void> {
  await docker(
    ...['swarm', 'init', '--advertise-addr', address, '--listen-addr', `${address}:2377`],
    ...['--data-path-port', String(randomInt(20_000, 49_151))],
    // So that a node that is lost is missed after six seconds, and not after fifteen.
    ...['--dispatcher-heartbeat', '2s'],
  )
  await docker('network', 'create', '-d', 'overlay', '--attachable', NETWORK)
}

const ownAddress = () => `127.${randomInt(1, 255)}.${randomInt(256)}.${randomInt(1, 255)}`

/** A swarm of several nodes, each of them a manager. The first of them leads. */
export async function joinSwarm([leader, ...others]: SwarmNode[]): Promise<void> {
  if (leader === undefined) return
  await initSwarm(leader.engine, leader.address)
  const token = await leader.engine.docker('swarm', 'join-token', '--quiet', 'manager')
  for (const { engine, address } of others)
    await engine.docker(
      'swarm',
      'join',
      '--advertise-addr',
      address,
      '--token',
      token,
      `${leader.address}:2377`,
    )
}

/**
 * The store's own HAProxy in front of a service, which finds its tasks by name: the swarm's own mesh needs IPVS, which not
 * every kernel has.
 */
export async function startSwarmProxy(
  engine: LabEngine,
  folder: string,
  { name, port, address = '127.0.0.1' }: Pick<SwarmService, 'name' | 'port' | 'address'>,
): Promise<void> {
  const settings = await readFile(join(STORE_DIR, 'haproxy/haproxy.cfg'), 'utf8')
  for (const part of ['haproxy', 'run']) await mkdir(join(folder, part), { recursive: true })
  const own = settings
    .replace(' app:3000 ', ` tasks.${name}:3000 `)
    // Nobody tells it when a task has come or gone: it has to see that before the task that has gone is told to end.
    .replaceAll(/\b(500|250)ms/g, '200ms')
    // A slot whose address has gone gets the next one that comes, and keeps its connections to the one before: what has left
    // would go on getting requests, until it is told to end with one under way.
    .replace('  retries 3', '  option http-server-close\n  retries 3')
  await writeFile(join(folder, 'haproxy/haproxy.cfg'), own)
  await engine.docker(
    ...['run', '-d', '--name', `${name}-proxy`, '--network', NETWORK, '--restart', 'always'],
    ...['-p', `${address}:${port}:8080`, '-v', `${folder}/run:/run/haproxy`],
    ...['-v', `${folder}/haproxy:/usr/local/etc/haproxy:ro`, 'haproxy:2.6'],
  )
}

/** As lastgood.yaml names it. @param folder that it was started with */
export const routerOf = (folder: string) => ({
  haproxy: { socket: join(folder, 'run/admin.sock'), backend: 'app' },
})

/** A service and its HAProxy. */
export async function createSwarmService(
  engine: LabEngine,
  folder: string,
  service: SwarmService,
): Promise<void> {
  const { name, image, replicas, options } = service
  await startSwarmProxy(engine, folder, service)
  await engine.docker(
    ...['service', 'create', '--detach', '--name', name, '--replicas', String(replicas)],
    ...['--no-resolve-image', '--endpoint-mode', 'dnsrr', '--network', NETWORK, ...options, image],
  )
}
