import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { GuardModule } from './guard.cts'
import type { LatencyModule } from './latency.cts'
import type { PrivateSocketModule } from './private-socket.cts'
import type { Agent, Connection, StateModule } from './state.cts'

const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel')
const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks')
const { guarded }: GuardModule = require('./guard.cjs')
const { bucketOf }: LatencyModule = require('./latency.cjs')
const { settleDrain }: StateModule = require('./state.cjs')
const { isForwarded }: PrivateSocketModule = require('./private-socket.cjs')

const answeredElsewhere: unique symbol = Symbol('lastgood.answeredElsewhere')
const onClientGone: unique symbol = Symbol('lastgood.onClientGone')
const tracked: unique symbol = Symbol('lastgood.connection')

export type Response = ServerResponse & {
  [answeredElsewhere]?: boolean
  [onClientGone]?: () => void
}

type TrackedSocket = Socket & { [tracked]?: Connection | null }

interface Message {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: TrackedSocket
  readonly server: Server
}

const connectionOf = (socket: Socket): Connection | null => (socket as TrackedSocket)[tracked] ?? null

/** When it came; undefined if it is not known. */
function takeOut({ pending, since }: Connection, response: Response): number | undefined {
  if (pending.length === 1 && pending[0] === response) {
    pending.pop()
    return since.pop()
  }
  const index = pending.indexOf(response)
  if (index === -1) return undefined
  pending.splice(index, 1)
  return since.splice(index, 1)[0]
}

function dropConnection(agent: Agent, connection: Connection): void {
  agent.connections.delete(connection)
  const dropped: Response[] = connection.pending.splice(0)
  for (const response of dropped) {
    agent.inFlight--
    if (!response[answeredElsewhere]) agent.aborted++
    response[onClientGone]?.()
  }
  settleDrain(agent)
}

/** One listener per connection, not per request, tells when a client went away. */
function track(agent: Agent, { request, server, socket }: Message): Connection | null {
  const counts = isForwarded(request) || [...agent.servers].some((captured) => captured.server === server)
  const connection: Connection | null = counts ? { pending: [], since: [] } : null
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
  connection.pending.push(message.response)
  connection.since.push(performance.now())
  agent.inFlight++
}

function onFinish(agent: Agent, message: Message): void {
  const response: Response = message.response
  const connection = message.socket[tracked]
  const began = connection ? takeOut(connection, response) : undefined
  if (began === undefined) return
  agent.inFlight--
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
  for (const { since } of agent.connections) oldest = Math.min(oldest, since[0] ?? now)
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
