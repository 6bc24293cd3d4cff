import { type Container, listContainers } from '../../../docker/containers.ts'
import type { Engine } from '../../../docker/engine.ts'
import { RouterFailed } from '../../../docker/router-failed.ts'
import type { Clock } from '../../../ports/clock.ts'
import { NOTHING_TO_EXPECT, type Router } from './router.ts'

const POLL_MS = 100
/** The engine asks every 30 s, unless the healthcheck says otherwise. What served serves on meanwhile. */
const HEALTHY_PATIENCE_MS = 65_000
/** It takes three bad answers, unless the healthcheck says otherwise. */
const UNHEALTHY_PATIENCE_MS = 125_000

/**
 * A router that watches the engine (Traefik and its kind): it takes a container when its healthcheck passes and drops it
 * when it fails or stops. Nothing can be said to it, so what is waited for is what it sees, and then the time it takes.
 * What it still sends to a container that has let go is refused, and it has to try another one (Traefik's `retry`).
 */
export function createLabelsRouter(engine: Engine, { settleMs }: { settleMs: number }, clock: Clock): Router {
  const lookAt = async (containers: readonly Container[]) => {
    const ids = new Set(containers.map(({ id }) => id))
    return (await listContainers(engine, [])).filter(({ id }) => ids.has(id))
  }
  return {
    name: 'a router that watches the engine',
    // Nobody tells it anything.
    obstacle: async () => null,
    // It asks a container's healthcheck before it sends to it.
    expectNew: async () => NOTHING_TO_EXPECT,
    async sendTo(targets, patienceMs) {
      const deadline = clock.now() + Math.max(patienceMs, HEALTHY_PATIENCE_MS)
      for (;;) {
        const now = await lookAt(targets)
        if (now.length === targets.length && now.every(isTaken)) break
        if (clock.now() >= deadline) throw new RouterFailed(`not every container is healthy: ${stateOf(now)}`)
        await clock.sleep(POLL_MS)
      }
      await clock.sleep(settleMs)
    },
    async settle(_, timeoutMs) {
      await clock.sleep(Math.min(settleMs, timeoutMs))
      return settleMs <= timeoutMs
    },
    /** Stopped at once they would be sent to for as long as it takes to notice: nobody would refuse, and each request would hang. */
    async awaitUnused(doomed) {
      if (!doomed.some(isTaken)) return
      const deadline = clock.now() + UNHEALTHY_PATIENCE_MS
      while ((await lookAt(doomed)).some(isTaken) && clock.now() < deadline) await clock.sleep(POLL_MS)
      await clock.sleep(settleMs)
    },
    byHand: () => [],
    async forgetOthers() {},
  }
}

function isTaken({ status, health }: Container): boolean {
  return status === 'running' && (health === null || health === 'healthy')
}

function stateOf(containers: readonly Container[]): string {
  return containers.map(({ name, health }) => `${name} ${health}`).join(', ')
}
