import { connect, type Socket } from 'node:net'
import type { Container } from '../../../docker/containers.ts'
import { messageOf } from '../../../errors/operator-error.ts'
import type { Clock } from '../../../ports/clock.ts'
import { type HaproxyServer, isUp, parseServers, parseSessions } from './haproxy-state.ts'
import { NOTHING_TO_EXPECT, type Router, RouterFailed } from './router.ts'

const ANSWER_TIMEOUT_MS = 5_000
const POLL_MS = 20
/** From the end of a container to the moment at which HAProxy has forgotten its address. */
const FORGET_MS = 5_000

export interface HaproxySettings {
  /** Runtime API: a path, or host:port. */
  socket: string
  backend: string
}

/**
 * HAProxy finds the containers by itself (`server-template ... resolvers`), and sees by its checks which of them listen. So
 * the right release serves after any restart, of HAProxy, the engine or the host, without us. What is said over its
 * runtime API is when: a container that listens is up at once, not at the next check; one that is left gets nothing new.
 */
export function createHaproxyRouter({ socket, backend }: HaproxySettings, clock: Clock): Router {
  const servers = async () => parseServers(await tell(socket, `show servers state ${backend}`))
  const found = async () => (await servers()).filter(({ address }) => address !== null)
  const set = (names: readonly string[], what: string) =>
    order(
      socket,
      names.map((name) => `set server ${backend}/${name} ${what}`),
    )

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
        const sessions = parseSessions(await tell(socket, 'show stat'), backend)
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

/** Over one connection. Commands that are answered with empty lines have worked. */
async function order(socket: string, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return
  const said = (await tell(socket, commands.join('; '))).trim()
  if (said !== '') throw new RouterFailed(`HAProxy refused "${commands[0]}": ${said.split('\n')[0]}`)
}

async function tell(socket: string, command: string): Promise<string> {
  try {
    return await exchange(open(socket), command)
  } catch (cause) {
    throw new RouterFailed(`HAProxy does not answer at ${socket}: ${messageOf(cause)}`, { cause })
  }
}

function open(socket: string): Socket {
  const [, host, port] = /^([^/]+):(\d+)$/.exec(socket) ?? []
  return host === undefined ? connect(socket) : connect(Number(port), host)
}

/** One command, one answer, and HAProxy hangs up. */
function exchange(socket: Socket, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8').setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    // Whatever it does it says at least a line.
    socket.on('close', () => (text === '' ? reject(new Error('it hung up')) : resolve(text)))
    socket.end(`${command}\n`)
  })
}
