import type { Container } from '../../../docker/containers.ts'
import { openHaproxy } from '../../../docker/haproxy.ts'
import { type HaproxyServer, isUp } from '../../../docker/haproxy-state.ts'
import { RouterFailed } from '../../../docker/router-failed.ts'
import type { HaproxyPlace } from '../../../domain/configuration.ts'
import type { Clock } from '../../../ports/clock.ts'
import { NOTHING_TO_EXPECT, type Router } from './router.ts'

const POLL_MS = 20
/** From the end of a container to the moment at which HAProxy has forgotten its address. */
const FORGET_MS = 5_000

/**
 * HAProxy finds the containers by itself (`server-template ... resolvers`), and sees by its checks which of them listen. So
 * the right release serves after any restart, of HAProxy, the engine or the host, without us. What is said over its
 * runtime API is when: a container that listens is up at once, not at the next check; one that is left gets nothing new.
 */
export function createHaproxyRouter(place: HaproxyPlace, clock: Clock): Router {
  const { backend } = place
  const haproxy = openHaproxy(place)
  const { servers, set } = haproxy
  const found = async () => (await servers()).filter(({ address }) => address !== null)

  async function sendTo(targets: readonly Container[], patienceMs: number): Promise<void> {
    const deadline = clock.now() + patienceMs
    for (;;) {
      const all = await servers()
      const own = all.filter((server) => belongs(server, targets))
      await set(namesOf(own.filter(({ drains }) => drains)), 'state ready')
      await set(namesOf(own.filter((server) => !isUp(server))), 'health up')
      const ready = (await servers()).filter((server) => belongs(server, targets) && isUp(server))
      const enough = targets.length > 0 && new Set(ready.map(({ address }) => address)).size >= targets.length
      // A check that began before they listened takes them down when it ends: the others are not to be gone by then.
      if (enough && !ready.some(({ checks }) => checks)) break
      const late = clock.now() >= deadline
      if (enough && late) break
      if (late)
        throw new RouterFailed(
          `HAProxy has ${ready.length} of ${targets.length} containers in backend ${backend}`,
        )
      await clock.sleep(POLL_MS)
    }
    const others = (await found()).filter((server) => !belongs(server, targets))
    await set(namesOf(others.filter(({ drains }) => !drains)), 'state drain')
  }

  return {
    name: `HAProxy, backend ${backend}`,

    obstacle: () =>
      servers().then(
        (all) => (all.length > 0 ? null : `HAProxy has no server in backend ${backend}`),
        (error: unknown) => (error instanceof RouterFailed ? error.message : Promise.reject(error)),
      ),

    /**
     * It sends to what it finds until the first check has failed, half a second later. So the slots without a container drain
     * until those that come have been found and are down, which they stay by their checks.
     */
    async expectNew(count) {
      const before = await servers().catch(ignoreFailure)
      // What serves could not be told from what comes.
      if (before === null) return NOTHING_TO_EXPECT
      const free = namesOf(before.filter(({ address }) => address === null))
      const isNew = ({ address }: HaproxyServer) =>
        address !== null && !before.some((each) => each.address === address)
      const stillDrains = async () =>
        (await servers()).filter(({ name, drains }) => drains && free.includes(name))
      await tryTo(() => set(free, 'state drain'))
      return {
        async look() {
          const newcomers = ((await found().catch(ignoreFailure)) ?? []).filter(isNew)
          await tryTo(() => set(namesOf(newcomers.filter(({ operation }) => operation !== 0)), 'health down'))
          await tryTo(async () =>
            set(
              namesOf((await stillDrains()).filter((each) => isNew(each) && each.operation === 0)),
              'state ready',
            ),
          )
          return newcomers.length >= count
        },
        end: () => tryTo(async () => set(namesOf(await stillDrains()), 'state ready')),
      }
    },

    sendTo,

    async settle(keep, timeoutMs) {
      const deadline = clock.now() + timeoutMs
      for (;;) {
        const left = (await found()).filter((server) => !belongs(server, keep))
        const sessions = await haproxy.sessions()
        if (left.every(({ name }) => (sessions.get(name) ?? 0) === 0)) return true
        if (clock.now() >= deadline) return false
        await clock.sleep(POLL_MS)
      }
    },

    // `sendTo` has told it.
    async awaitUnused() {},
    byHand: () => [],
    /** A slot that still says "drain" would keep the next container that gets it without traffic. */
    async forgetOthers(keep) {
      const deadline = clock.now() + FORGET_MS
      for (;;) {
        const drained = (await servers()).filter((server) => server.drains && !belongs(server, keep))
        const free = drained.filter(({ address }) => address === null)
        await set(namesOf(free), 'state ready')
        if (free.length === drained.length || clock.now() >= deadline) return
        await clock.sleep(POLL_MS)
      }
    },
  }
}

function belongs({ address }: HaproxyServer, containers: readonly Container[]): boolean {
  return address !== null && containers.some(({ ips }) => ips.includes(address))
}

const namesOf = (servers: readonly HaproxyServer[]) => servers.map(({ name }) => name)

function ignoreFailure(error: unknown): null {
  if (error instanceof RouterFailed) return null
  throw error
}

async function tryTo(work: () => Promise<void>): Promise<void> {
  await work().catch(ignoreFailure)
}
