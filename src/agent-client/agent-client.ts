import { request } from 'node:http'
import type { InstanceState } from '../domain/instance.ts'
import { messageOf, systemCode } from '../errors/operator-error.ts'
import { type AgentSocket, listSockets, removeStale } from './run-folder.ts'

/** What an agent says of its process. See docs/agent.md for the protocol. */
export interface AgentStatus {
  protocol: number
  release: string
  pid: number
  startedAt: number
  state: InstanceState
  since: number
  ports: number[]
  connections: number
  inFlight: number
  forwarded: number
  counters: Record<string, number>
  /** `waiting` and `abandoned` came later than the rest: processes that were started long ago do not tell them. */
  latency: { le: number[]; count: number[]; waiting?: number[]; abandoned?: number[] }
  rss: number
  error: string | null
}

export interface Agent {
  socket: AgentSocket
  /** Null: the process is there and does not answer (its event loop is busy or stuck). */
  status: AgentStatus | null
}

const ANSWER_TIMEOUT_MS = 1_000
const DRAIN_TIMEOUT_MS = 2_000

/**
 * Every agent of the folder that is alive, or those of one release: the others are then not even asked. The sockets of
 * dead processes are removed on the way.
 */
export async function listAgents(
  folder: string,
  release?: string,
  timeoutMs = ANSWER_TIMEOUT_MS,
): Promise<Agent[]> {
  const sockets = await listSockets(folder)
  const wanted = sockets.filter((socket) => release === undefined || socket.release === release)
  const agents = await Promise.all(wanted.map((socket) => askAgent(socket, timeoutMs)))
  return agents.filter((agent) => agent !== null)
}

async function askAgent(socket: AgentSocket, timeoutMs: number): Promise<Agent | null> {
  const answer = await control(socket, 'GET', '/status', null, timeoutMs)
  if (answer.ok) return { socket, status: answer.body as AgentStatus }
  // The pid in a container says nothing here; nobody listening does.
  if (socket.container === null && !isAlive(socket.pid)) {
    await removeStale(socket)
    return null
  }
  // A busy process still accepts, so nobody listening means that its agent is gone and the pid is somebody else's by
  // now (or it is being made this very moment: the file stays).
  return answer.unheard ? null : { socket, status: null }
}

/** `unheard`: there is no listener on the socket at all. */
export type ControlAnswer = { ok: true; body: unknown } | { ok: false; reason: string; unheard: boolean }

const NO_LISTENER = ['ECONNREFUSED', 'ENOENT']

/** Returns once every held server of the process listens. */
export function activateAgent(socket: AgentSocket, retryMs: number): Promise<ControlAnswer> {
  return control(socket, 'POST', '/activate', { retryMs }, retryMs + 5_000)
}

/**
 * Returns once it has stopped accepting; `to` are private sockets that take what still comes. A process that is busy does it
 * as soon as it can, whether or not somebody waits.
 */
export function drainAgent(socket: AgentSocket, to: readonly string[]): Promise<ControlAnswer> {
  return control(socket, 'POST', '/drain', { to }, DRAIN_TIMEOUT_MS)
}

function control(
  socket: AgentSocket,
  method: string,
  path: string,
  body: unknown,
  timeoutMs: number,
): Promise<ControlAnswer> {
  return new Promise((resolve) => {
    const fail = (reason: string) => resolve({ ok: false, reason, unheard: NO_LISTENER.includes(reason) })
    const headers = { 'content-type': 'application/json' }
    const sent = request({ socketPath: socket.control, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', (error) => fail(messageOf(error)))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8')
        const parsed = parseJson(text)
        const status = response.statusCode ?? 0
        if (status >= 200 && status < 300 && parsed !== undefined) resolve({ ok: true, body: parsed })
        else fail(errorIn(parsed) ?? `status ${status}`)
      })
    })
    // It may be this process that stood still: what has come meanwhile is read before it counts as no answer.
    sent.setTimeout(timeoutMs, () =>
      setImmediate(() => sent.destroy(new Error(`no answer within ${timeoutMs} ms`))),
    )
    sent.on('error', (error) => fail(systemCode(error) ?? messageOf(error)))
    sent.end(body === null ? undefined : JSON.stringify(body))
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function errorIn(body: unknown): string | null {
  return typeof body === 'object' && body !== null && 'error' in body ? String(body.error) : null
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // EPERM: it is there, and it is not ours to signal.
    return systemCode(error) === 'EPERM'
  }
}
