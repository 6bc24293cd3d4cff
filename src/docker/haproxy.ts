import { connect, type Socket } from 'node:net'
import type { HaproxyPlace } from '../domain/configuration.ts'
import { messageOf } from '../errors/operator-error.ts'
import { type HaproxyServer, parseServers, parseSessions } from './haproxy-state.ts'
import { RouterFailed } from './router-failed.ts'

const ANSWER_TIMEOUT_MS = 5_000

/** One backend of an HAProxy, over its runtime API. Everything throws RouterFailed. */
export interface Haproxy {
  servers(): Promise<HaproxyServer[]>
  /** `state ready`, `state drain`, `health up`, `health down`: for each of them, in one go. */
  set(names: readonly string[], what: string): Promise<void>
  /** Requests under way, by the name of the server. */
  sessions(): Promise<Map<string, number>>
}

/** @param timeoutMs for an answer */
export function openHaproxy({ socket, backend }: HaproxyPlace, timeoutMs = ANSWER_TIMEOUT_MS): Haproxy {
  const tell = (command: string) => exchange(socket, command, timeoutMs)
  return {
    servers: async () => parseServers(await tell(`show servers state ${backend}`)),
    set: (names, what) =>
      order(
        tell,
        names.map((name) => `set server ${backend}/${name} ${what}`),
      ),
    sessions: async () => parseSessions(await tell('show stat'), backend),
  }
}

/** Over one connection. Commands that are answered with empty lines have worked. */
async function order(tell: (command: string) => Promise<string>, commands: readonly string[]): Promise<void> {
  if (commands.length === 0) return
  const said = (await tell(commands.join('; '))).trim()
  if (said !== '') throw new RouterFailed(`HAProxy refused "${commands[0]}": ${said.split('\n')[0]}`)
}

async function exchange(socket: string, command: string, timeoutMs: number): Promise<string> {
  try {
    return await converse(open(socket), command, timeoutMs)
  } catch (cause) {
    throw new RouterFailed(`HAProxy does not answer at ${socket}: ${messageOf(cause)}`, { cause })
  }
}

function open(socket: string): Socket {
  const [, host, port] = /^([^/]+):(\d+)$/.exec(socket) ?? []
  return host === undefined ? connect(socket) : connect(Number(port), host)
}

/** One command, one answer, and HAProxy hangs up. */
function converse(socket: Socket, command: string, timeoutMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    socket.setEncoding('utf8').setTimeout(timeoutMs, () => socket.destroy(new Error('no answer')))
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', reject)
    // Whatever it does it says at least a line.
    socket.on('close', () => (text === '' ? reject(new Error('it hung up')) : resolve(text)))
    socket.end(`${command}\n`)
  })
}
