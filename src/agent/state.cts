import type { ServerResponse } from 'node:http'
import type { Server } from 'node:net'
import type { LatencyModule } from './latency.cts'
import type { ListenOptions } from './listen-arguments.cts'
import type { Settings } from './settings.cts'

const { newCounts }: LatencyModule = require('./latency.cjs')

/**
 *   booting --listen, no hold marker--> listening --drain--> draining --last connection gone--> drained
 *      |                                   ^                    |                                  |
 *      +--listen, hold marker--> holding --+------activate------+----------------------------------+
 */
export type State = 'booting' | 'holding' | 'listening' | 'draining' | 'drained'

/** A server of the app that called listen() for a TCP port. */
export interface Captured {
  readonly server: Server
  readonly speaks: 'http' | 'https' | 'tcp'
  options: ListenOptions
  /** held: never listened; open: the app's own business; shut: closed by a drain, the app does not know. */
  phase: 'held' | 'open' | 'shut'
  /** Shut, and its last connection is gone. */
  empty: boolean
  /** The app has had its 'listening' event, and must not have it twice. */
  heard: boolean
  closedByApp: boolean
  /** Address it last listened on. */
  address: ReturnType<Server['address']>
  /** Set while the agent itself calls listen(). */
  opening: { readonly settle: (error: Error | null) => void; readonly before: readonly unknown[] } | null
  /** A listen() of it failed once, see cluster-index. */
  failed: boolean
  /** Puts the server's own `emit` back; null when it is not taken. */
  giveBackEmit: (() => void) | null
}

/**
 * The requests of one connection that are not finished, in the order they came. Nearly always there is one at most, so
 * it has its place here: no list, and no property more on each response.
 */
export interface Connection {
  response: ServerResponse | null
  /** When its request came, on the monotonic clock. */
  since: number
  /** Pipelined behind it. */
  behind: { readonly response: ServerResponse; readonly since: number }[] | null
}

export interface Activation {
  cancelled: boolean
  readonly done: Promise<void>
}

export interface Agent {
  readonly settings: Settings
  readonly startedAt: number
  state: State
  since: number
  /** Why the last activate failed; while booting: why the app will never listen. */
  error: string | null
  readonly servers: Set<Captured>
  readonly connections: Set<Connection>
  /** Private sockets of other processes, to forward to while draining. */
  targets: readonly string[]
  activation: Activation | null
  inFlight: number
  forwarded: number
  aborted: number
  /** Answered requests by hundreds of the status. */
  readonly answered: number[]
  readonly latency: number[]
  /** Requests whose client went away before anything was answered, by their age then. */
  readonly abandoned: number[]
  /** Called after each change of state. */
  onEnter: (state: State) => void
}

function createAgent(settings: Settings): Agent {
  const now = Date.now()
  return {
    settings,
    startedAt: now,
    state: 'booting',
    since: now,
    error: null,
    servers: new Set(),
    connections: new Set(),
    targets: [],
    activation: null,
    inFlight: 0,
    forwarded: 0,
    aborted: 0,
    answered: [0, 0, 0, 0, 0, 0],
    latency: newCounts(),
    abandoned: newCounts(),
    onEnter: () => {},
  }
}

function enter(agent: Agent, state: State): void {
  if (agent.state === state) return
  agent.state = state
  agent.since = Date.now()
  agent.onEnter(state)
}

/** draining -> drained, as soon as nothing is left. */
function settleDrain(agent: Agent): void {
  if (agent.state !== 'draining' || agent.inFlight > 0) return
  for (const captured of agent.servers)
    if (captured.phase === 'open' || (captured.phase === 'shut' && !captured.empty)) return
  enter(agent, 'drained')
}

const state = { createAgent, enter, settleDrain }
export type StateModule = typeof state
module.exports = state
