import { join } from 'node:path'
import type { SwarmHost } from '../../lab/docker/host-on-swarm.ts'
import { createSwarmService } from '../../lab/docker/swarm-service.ts'
import type { StoreService } from '../../lab/store-service.ts'
import type { Way } from './way.ts'

/** The images that lastgood has built for its own way. */
const GOOD_IMAGE = 'lastgood/my-store-api:r1'
const BAD_IMAGE = 'lastgood/my-store-api:r3'
const NAME = 'ways_app'

/** The way without lastgood: a service of its own with the same update policy, behind an HAProxy of its own. */
export async function swarmWays({ lab }: StoreService, { engine, env, options }: SwarmHost): Promise<Way[]> {
  const port = await lab.freePort()
  // The client waits until the swarm calls it done, as whoever types it does.
  const update = (...args: string[]) =>
    engine.docker('service', 'update', '--quiet', '--no-resolve-image', ...args, NAME)
  return [
    {
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
    },
  ]
}
