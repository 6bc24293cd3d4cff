import { join } from 'node:path'
import { importImages } from '../../lab/docker/base-image.ts'
import type { DockerPrograms } from '../../lab/docker/find-docker.ts'
import { openSwarmNodes, type SwarmNodes } from '../../lab/docker/swarm-nodes.ts'
import { createSwarmService, joinSwarm, routerOf, startSwarmProxy } from '../../lab/docker/swarm-service.ts'
import { openLab } from '../../lab/open-lab.ts'
import { openHaproxy } from '../../src/docker/haproxy.ts'
import { openTinyServiceOn, type Settings, type TinyHost, type TinyService } from './tiny-service.ts'

export const SERVICE = 'tiny_app'

export interface TinyOnSwarm extends TinyService, SwarmNodes {
  /** The `docker` of the first node, where lastgood is. */
  docker(...args: string[]): Promise<string>
  /** `r1 running`, for every task that lastgood sees. */
  serving(): Promise<string[]>
  /** Slots of its HAProxy that get no requests because they were told so. */
  draining(): Promise<string[]>
  /** Names of all services of the swarm. */
  services(): Promise<string>
  /** After its engine lost its power: the address it had may be a task's by now, and then it would never start again. */
  renewProxy(): Promise<void>
}

/**
 * The tiny service on a swarm of its own, behind the store's HAProxy on the first node, where lastgood runs as well. Of several
 * nodes the second leads.
 */
export async function openTinyOnSwarm(
  name: string,
  programs: DockerPrograms,
  count: number,
  settings: Partial<Settings> = {},
): Promise<TinyOnSwarm> {
  const lab = await openLab({ name })
  const swarm = await openSwarmNodes(lab, programs, count)
  const [first, ...others] = swarm.nodes
  if (first === undefined) throw new Error('a swarm of no node')
  const leader = others[0] ?? first
  const rest = swarm.nodes.filter((node) => node !== leader)
  const images = importImages(first.engine, join(lab.dir, 'images'))
  await joinSwarm([leader, ...rest])
  await images
  const { docker } = first.engine
  const { address } = first
  const folder = join(lab.dir, 'service')
  const port = await lab.freePort()
  const place = { name: SERVICE, port, address }
  const service = await openTinyServiceOn(
    lab,
    async () => {
      await createSwarmService(first.engine, folder, {
        ...place,
        ...{ image: 'node:20-bookworm-slim', replicas: 0, options: OPTIONS },
      })
      return { port, address, beside: first.engine.beside, ...hostOn(first.engine.env, folder) }
    },
    { startTimeout: '20s', window: '1s', instances: Math.max(2, count), ...settings },
  )
  return {
    ...service,
    ...swarm,
    docker,
    async serving() {
      const { json } = await service.ok('status')
      const instances = json.instances as { release: string; state: string }[]
      return instances.map(({ release, state }) => `${release} ${state}`).sort()
    },
    async draining() {
      const servers = await openHaproxy(routerOf(folder).haproxy).servers()
      return servers.filter(({ drains }) => drains).map(({ name, address }) => `${name} ${address}`)
    },
    services: () => docker('service', 'ls', '--format', '{{.Name}}'),
    async renewProxy() {
      await docker('rm', '--force', `${SERVICE}-proxy`)
      await startSwarmProxy(first.engine, folder, place)
    },
  }
}

/** Without a healthcheck a task gets requests before it listens; node takes a moment to look. */
const OPTIONS = [
  ...['--update-monitor', '1s', '--update-parallelism', '0', '--restart-delay', '200ms'],
  ...['--stop-grace-period', '5s', '--env', 'PORT=3000', '--env', 'HOST=0.0.0.0'],
  ...['--health-cmd', `node -e "fetch('http://127.0.0.1:3000/').then(r => process.exit(r.ok ? 0 : 1))"`],
  ...['--health-interval', '500ms', '--health-start-period', '10s'],
  // Of a newer API than the one we ask in elsewhere: lost where a spec is set in older words.
  ...['--ulimit', 'nofile=4000:8000', '--cap-add', 'CAP_NET_ADMIN'],
]

const hostOn = (
  env: Record<string, string>,
  folder: string,
): Pick<TinyHost, 'env' | 'runtime' | 'files' | 'open'> => ({
  env,
  runtime: ({ instances, registry }) => ({
    build: '[]',
    runtime: {
      kind: 'swarm',
      service: SERVICE,
      port: 3000,
      instances,
      router: routerOf(folder),
      ...(registry === undefined ? {} : { registry }),
    },
    env: {},
  }),
  files: {
    Dockerfile:
      'FROM node:20-bookworm-slim\nWORKDIR /app\nCOPY package.json index.mjs ./\nCMD ["node", "index.mjs"]\n',
  },
  open: async () => {},
})
