import { type Container, listContainers } from '../../../docker/containers.ts'
import type { Engine } from '../../../docker/engine.ts'
import type { Clock } from '../../../ports/clock.ts'
import { NOTHING_TO_EXPECT, type Router, RouterFailed } from './router.ts'

const POLL_MS = 100

/**
 * A router that watches the engine (Traefik and its kind): it takes a container when its healthcheck passes and drops it
 * when it fails or stops. Nothing can be said to it, so what is waited for is what it sees, and then the time it takes.
 */
export function createLabelsRouter(engine: Engine, { settleMs }: { settleMs: number }, clock: Clock): Router {
  return {
    name: 'a router that watches the engine',

    // Nobody tells it anything.
    obstacle: async () => null,

    // It asks a container's healthcheck before it sends to it.
    expectNew: async () => NOTHING_TO_EXPECT,

    async sendTo(targets, patienceMs) {
      const deadline = clock.now() + patienceMs
      for (;;) {
        const ids = new Set(targets.map(({ id }) => id))
        const now = (await listContainers(engine, [])).filter(({ id }) => ids.has(id))
        if (now.length === ids.size && now.every(({ health }) => health === null || health === 'healthy'))
          break
        if (clock.now() >= deadline) throw new RouterFailed(`not every container is healthy: ${stateOf(now)}`)
        await clock.sleep(POLL_MS)
      }
      await clock.sleep(settleMs)
    },

    async settle(_, timeoutMs) {
      await clock.sleep(Math.min(settleMs, timeoutMs))
      return settleMs <= timeoutMs
    },

    async forgetOthers() {},
  }
}

function stateOf(containers: readonly Container[]): string {
  return containers.map(({ name, health }) => `${name} ${health}`).join(', ')
}
