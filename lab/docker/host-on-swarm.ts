import { join } from 'node:path'
import type { Lab } from '../open-lab.ts'
import type { StoreHost } from '../store-service.ts'
import type { LabEngine } from './start-engine.ts'
import { openStoreParts } from './store-parts.ts'
import { createSwarmService, initSwarm, routerOf } from './swarm-service.ts'

export type SwarmHost = StoreHost & {
  engine: LabEngine
  /** Its name. */
  service: string
  /** What every service of the store is created with. */
  options: string[]
}

const NAME = 'shop_app'
/** As examples/my-store-api/stack.yaml has it, for tests and figures that nobody waits 10 s for. */
const POLICY = ['update', 'rollback'].flatMap((what) => [
  ...[`--${what}-order`, 'start-first', `--${what}-parallelism`, '0', `--${what}-monitor`, '500ms'],
])
/** Without one a task counts as running, and gets requests, before its program listens. */
const READY =
  'node -e "fetch(\'http://127.0.0.1:3000/health/ready\').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"'
const HEALTHCHECK = ['--health-cmd', READY, '--health-interval', '1s', '--health-start-period', '20s']

/** The store as a service of a swarm of one node. Its PostgreSQL is the lab's, over its Unix socket. */
export async function hostOnSwarm(lab: Lab): Promise<SwarmHost> {
  const { engine, port, databaseUrl, sockets } = await openStoreParts(lab)
  const mount = `type=bind,source=${sockets},target=/var/run/postgresql`
  const options = [
    ...POLICY,
    ...HEALTHCHECK,
    '--mount',
    mount,
    '--stop-grace-period',
    '30s',
    '--restart-delay',
    '1s',
  ]
  return {
    engine,
    service: NAME,
    options,
    port,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: lastgood puts the value in
    databaseUrl: '${STORE_DATABASE_URL}',
    env: { ...engine.env, STORE_DATABASE_URL: databaseUrl },
    serviceEnv: {},
    runtime: ({ instances }) => ({
      kind: 'swarm',
      service: NAME,
      port: 3000,
      instances,
      router: routerOf(join(lab.dir, NAME)),
    }),
    async open() {
      await initSwarm(engine)
      const image = 'node:20-bookworm-slim'
      const service = { name: NAME, port, image, replicas: 0, options }
      await createSwarmService(engine, join(lab.dir, NAME), service)
    },
  }
}
