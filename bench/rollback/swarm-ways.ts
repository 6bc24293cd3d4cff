import { join } from 'node:path'
import type { SwarmHost } from '../../lab/docker/host-on-swarm.ts'
import { createSwarmService } from '../../lab/docker/swarm-service.ts'
import type { StoreService } from '../../lab/store-service.ts'
import type { Way } from './way.ts'

/** The images that lastgood has built for its own way. */
const GOOD_IMAGE = 'lastgood/my-store-api:r1'
const BAD_IMAGE = 'lastgood/my-store-api:r3'
const NAME = 'ways_app'

/** In `phases`: from the creation of a task until the swarm counts it as running, healthcheck included; of the slowest. */
export const TASK_BOOT = 'boot of a task'

/** The same way, with what a task of it needs to boot. */
export function withTaskBoot(way: Way, { docker }: SwarmHost['engine'], service: string): Way {
  const bootMs = async () => {
    const ids = await docker(
      'service',
      'ps',
      '-q',
      '--no-trunc',
      '--filter',
      'desired-state=running',
      service,
    )
    const format = '{{json .CreatedAt}} {{json .Status.Timestamp}}'
    const tasks = await docker('inspect', '--type', 'task', '--format', format, ...ids.split('\n'))
    const times = tasks.split('\n').map((line) => line.split(' ').map((time) => Date.parse(JSON.parse(time))))
    return Math.max(...times.map(([created = 0, running = 0]) => running - created))
  }
  return { ...way, phases: async () => ({ ...(await way.phases?.()), [TASK_BOOT]: await bootMs() }) }
}

/** The way without lastgood: a service of its own with the same update policy, behind an HAProxy of its own. */
export async function swarmWays({ lab }: StoreService, { engine, env, options }: SwarmHost): Promise<Way[]> {
  const port = await lab.freePort()
  // The client waits until the swarm calls it done, as whoever types it does.
  const update = (...args: string[]) =>
    engine.docker('service', 'update', '--quiet', '--no-resolve-image', ...args, NAME)
  const way: Way = {
    name: 'service-rollback',
    does: '`docker service rollback`, one deploy after the good release',
    url: `http://127.0.0.1:${port}`,
    setUp: () =>
      createSwarmService(engine, join(lab.dir, NAME), {
        ...{ name: NAME, port, image: GOOD_IMAGE, replicas: 0 },
        options: [...options, '--env', `DATABASE_URL=${env.STORE_DATABASE_URL}`],
      }),
    async makeBad() {
      await update('--image', GOOD_IMAGE, '--replicas', '2')
      await update('--image', BAD_IMAGE)
    },
    goBack: () => engine.docker('service', 'rollback', '--quiet', NAME).then(() => {}),
    rest: () => update('--replicas', '0').then(() => {}),
  }
  return [withTaskBoot(way, engine, NAME)]
}
