import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { GuardModule } from './guard.cts'
import type { LatencyModule } from './latency.cts'
import type { PrivateSocketModule } from './private-socket.cts'
import type { Agent, StateModule } from './state.cts'

const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel')
const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks')
const { guarded }: GuardModule = require('./guard.cjs')
const { bucketOf }: LatencyModule = require('./latency.cjs')
const { settleDrain }: StateModule = require('./state.cjs')
const { isForwarded }: PrivateSocketModule = require('./private-socket.cjs')

const startedAt: unique symbol = Symbol('lastgood.startedAt')
const answeredElsewhere: unique symbol = Symbol('lastgood.answeredElsewhere')
const onClientGone: unique symbol = Symbol('lastgood.onClientGone')
const tracked: unique symbol = Symbol('lastgood.connection')

export type Response = ServerResponse & {
  [startedAt]?: number
  [answeredElsewhere]?: boolean
  [onClientGone]?: () => void
}

/** Requests of one connection that are not finished, in the order they came; more than one when pipelined. */
export interface Connection {
  readonly pending: Response[]
}

type TrackedSocket = Socket & { [tracked]?: Connection | null }

interface Message {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: TrackedSocket
  readonly server: Server
}

const connectionOf = (socket: Socket): Connection | null => (socket as TrackedSocket)[tracked] ?? null

function finish(agent: Agent, connection: Connection, response: Response): boolean {
  const index = connection.pending.indexOf(response)
  if (index === -1) return false
  if (index === 0) connection.pending.shift()
  else connection.pending.splice(index, 1)
  agent.inFlight--
  return true
}

function dropConnection(agent: Agent, connection: Connection): void {
  agent.connections.delete(connection)
  for (const response of connection.pending.splice(0)) {
    agent.inFlight--
    if (!response[answeredElsewhere]) agent.aborted++
    response[onClientGone]?.()
  }
  settleDrain(agent)
}

/** One listener per connection, not per request, tells when a client went away. */
function track(agent: Agent, { request, server, socket }: Message): Connection | null {
  const counts = isForwarded(request) || [...agent.servers].some((captured) => captured.server === server)
  const connection: Connection | null = counts ? { pending: [] } : null
  socket[tracked] = connection
  if (connection !== null) {
    agent.connections.add(connection)
    socket.once(
      'close',
      guarded(() => dropConnection(agent, connection)),
    )
  }
  return connection
}

function onStart(agent: Agent, message: Message): void {
  const seen = message.socket[tracked]
  const connection = seen === undefined ? track(agent, message) : seen
  if (connection === null) return
  const response: Response = message.response
  response[startedAt] = performance.now()
  connection.pending.push(response)
  agent.inFlight++
}

function onFinish(agent: Agent, message: Message): void {
  const response: Response = message.response
  const began = response[startedAt]
  const connection = message.socket[tracked]
  if (began === undefined || !connection || !finish(agent, connection, response)) return
  if (!response[answeredElsewhere]) {
    const hundreds = Math.trunc(response.statusCode / 100)
    agent.answered[hundreds] = (agent.answered[hundreds] ?? 0) + 1
    const bucket = bucketOf(performance.now() - began)
    agent.latency[bucket] = (agent.latency[bucket] ?? 0) + 1
  }
  if (agent.inFlight === 0) settleDrain(agent)
}

function countRequests(agent: Agent): void {
  const started = guarded((message) => onStart(agent, message as Message))
  const finished = guarded((message) => onFinish(agent, message as Message))
  channels.subscribe('http.server.request.start', started)
  channels.subscribe('http.server.response.finish', finished)
}

/** Age in ms of the oldest request in flight; 0 without one. */
function ageOfOldest(agent: Agent): number {
  const now = performance.now()
  let oldest = now
  for (const { pending } of agent.connections) oldest = Math.min(oldest, pending[0]?.[startedAt] ?? now)
  return Math.round(now - oldest)
}

/** While another process answers, the request is not one of ours; `gone` ends the forwarding when the client leaves. */
function answerElsewhere(response: Response, gone: () => void): void {
  response[answeredElsewhere] = true
  response[onClientGone] = gone
}

function answerHereAfterAll(response: Response): void {
  response[answeredElsewhere] = false
  delete response[onClientGone]
}

const counters = { ageOfOldest, answerElsewhere, answerHereAfterAll, connectionOf, countRequests }
export type CountersModule = typeof counters
module.exports = counters
