import { connect, type Socket } from 'node:net'
import type { Container } from '../../../docker/containers.ts'
import { messageOf } from '../../../errors/operator-error.ts'
import type { Clock } from '../../../ports/clock.ts'
import { type HaproxyServer, isUp, parseServers, parseSessions } from './haproxy-state.ts'
import { type Router, RouterFailed } from './router.ts'

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
  const say = async (commands: readonly string[]) => {
    for (const command of commands) await order(socket, command)
  }

  async function sendTo(targets: readonly Container[], patienceMs: number): Promise<void> {
    const deadline = clock.now() + patienceMs
    for (;;) {
      const all = await servers()
      const own = all.filter((server) => belongs(server, targets))
      await say(own.flatMap((server) => bringUp(backend, server)))
      const ready = (await servers()).filter((server) => belongs(server, targets) && isUp(server))
      if (targets.length > 0 && new Set(ready.map(({ address }) => address)).size >= targets.length) break
      if (clock.now() >= deadline)
        throw new RouterFailed(
          `HAProxy has ${ready.length} of ${targets.length} containers in backend ${backend}`,
        )
      await clock.sleep(POLL_MS)
    }
    const others = (await servers()).filter((server) => server.address !== null && !belongs(server, targets))
    await say(
      others.filter(({ drains }) => !drains).map(({ name }) => `set server ${backend}/${name} state drain`),
    )
  }

  return {
    name: `HAProxy, backend ${backend}`,
    sendTo,

    async settle(keep, timeoutMs) {
      const deadline = clock.now() + timeoutMs
      for (;;) {
        const left = (await servers()).filter((server) => server.address !== null && !belongs(server, keep))
        const sessions = parseSessions(await tell(socket, 'show stat'), backend)
        if (left.every(({ name }) => (sessions.get(name) ?? 0) === 0)) return true
        if (clock.now() >= deadline) return false
        await clock.sleep(POLL_MS)
      }
    },

    /** A slot that still says "drain" would keep the next container that gets it without traffic. */
    async forgetOthers(keep) {
      const deadline = clock.now() + FORGET_MS
      for (;;) {
        const drained = (await servers()).filter((server) => server.drains && !belongs(server, keep))
        const free = drained.filter(({ address }) => address === null)
        await say(free.map(({ name }) => `set server ${backend}/${name} state ready`))
        if (free.length === drained.length || clock.now() >= deadline) return
        await clock.sleep(POLL_MS)
      }
    },
  }
}

function belongs({ address }: HaproxyServer, containers: readonly Container[]): boolean {
  return address !== null && containers.some(({ ips }) => ips.includes(address))
}

function bringUp(backend: string, server: HaproxyServer): string[] {
  const of = `set server ${backend}/${server.name}`
  return [...(server.drains ? [`${of} state ready`] : []), ...(isUp(server) ? [] : [`${of} health up`])]
}

/** A command that says nothing has worked. */
async function order(socket: string, command: string): Promise<void> {
  const said = (await tell(socket, command)).trim()
  if (said !== '') throw new RouterFailed(`HAProxy refused "${command}": ${said.split('\n')[0]}`)
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
    socket.on('close', () => resolve(text))
    socket.end(`${command}\n`)
  })
}
