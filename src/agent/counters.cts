import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { GuardModule } from './guard.cts'
import type { LatencyModule } from './latency.cts'
import type { PrivateSocketModule } from './private-socket.cts'
import type { Agent, Connection, StateModule } from './state.cts'

const channels = require('node:diagnostics_channel') as typeof import('node:diagnostics_channel')
const { performance } = require('node:perf_hooks') as typeof import('node:perf_hooks')
const { guarded }: GuardModule = require('./guard.cjs')
const { bucketOf, newCounts }: LatencyModule = require('./latency.cjs')
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

interface Pending {
  readonly response: Response
  readonly since: number
}

interface Message {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly socket: TrackedSocket
  readonly server: Server
}

const connectionOf = (socket: Socket): Connection | null => (socket as TrackedSocket)[tracked] ?? null

/** The oldest first. */
function requestsOn({ behind, response, since }: Connection): Pending[] {
  if (response === null) return []
  return behind === null ? [{ response, since }] : [{ response, since }, ...behind]
}

function pendingOn(connection: Connection): Response[] {
  return requestsOn(connection).map(({ response }) => response)
}

/** Nothing has come back yet. A stream that has begun is not waited for: it may be meant to go on for hours. */
const waits = ({ response }: Pending): boolean => !response[answeredElsewhere] && !response.headersSent

function countIn(counts: number[], ms: number): void {
  const bucket = bucketOf(ms)
  counts[bucket] = (counts[bucket] ?? 0) + 1
}

function dropConnection(agent: Agent, connection: Connection): void {
  agent.connections.delete(connection)
  const dropped = requestsOn(connection)
  connection.response = null
  connection.behind = null
  for (const pending of dropped) {
    agent.inFlight--
    if (!pending.response[answeredElsewhere]) agent.aborted++
    if (waits(pending)) countIn(agent.abandoned, performance.now() - pending.since)
    pending.response[onClientGone]?.()
  }
  settleDrain(agent)
}

/** One listener per connection, not per request, tells when a client went away. */
function track(agent: Agent, { request, server, socket }: Message): Connection | null {
  const counts = isForwarded(request) || [...agent.servers].some((captured) => captured.server === server)
  const connection: Connection | null = counts ? { response: null, since: 0.5, behind: null } : null
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

/** Runs for each request of the app: what it does is paid for by its throughput. */
function onStart(agent: Agent, message: Message): void {
  const seen = message.socket[tracked]
  const connection = seen === undefined ? track(agent, message) : seen
  if (connection === null) return
  const since = performance.now()
  agent.inFlight++
  if (connection.response === null) {
    connection.response = message.response
    connection.since = since
  } else {
    connection.behind ??= []
    connection.behind.push({ response: message.response, since })
  }
}

/** HTTP answers in the order of the requests, so the one that is finished is always the oldest. */
function onFinish(agent: Agent, message: Message): void {
  const response: Response = message.response
  const connection = message.socket[tracked]
  if (!connection || connection.response !== response) return
  const { since } = connection
  if (connection.behind === null) connection.response = null
  else moveUp(connection)
  agent.inFlight--
  // Looked for only where there may be one: a lookup of what is not there goes through every prototype.
  if (agent.forwarded === 0 || !response[answeredElsewhere]) {
    const hundreds = Math.trunc(response.statusCode / 100)
    agent.answered[hundreds] = (agent.answered[hundreds] ?? 0) + 1
    countIn(agent.latency, performance.now() - since)
  }
  if (agent.inFlight === 0 && agent.state === 'draining') settleDrain(agent)
}

function moveUp(connection: Connection): void {
  const next = connection.behind?.shift()
  connection.response = next?.response ?? null
  connection.since = next?.since ?? 0.5
}

/** Not `guarded`: a call less for each request. */
function countRequests(agent: Agent): void {
  channels.subscribe('http.server.request.start', (message) => {
    try {
      onStart(agent, message as Message)
    } catch {
      // One request less is counted.
    }
  })
  channels.subscribe('http.server.response.finish', (message) => {
    try {
      onFinish(agent, message as Message)
    } catch {
      // One request less is counted.
    }
  })
}

/** Age in ms of the oldest request in flight; 0 without one. */
function ageOfOldest(agent: Agent): number {
  const now = performance.now()
  let oldest = now
  for (const { response, since } of agent.connections) {
    if (response !== null) oldest = Math.min(oldest, since)
  }
  return Math.round(now - oldest)
}

/** Open requests that wait for an answer, by their age. */
function waitingByAge(agent: Agent): number[] {
  const now = performance.now()
  const counts = newCounts()
  for (const connection of agent.connections) {
    if (connection.response === null) continue
    for (const pending of requestsOn(connection)) if (waits(pending)) countIn(counts, now - pending.since)
  }
  return counts
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

const counters = {
  ageOfOldest,
  answerElsewhere,
  answerHereAfterAll,
  connectionOf,
  countRequests,
  pendingOn,
  waitingByAge,
}
export type CountersModule = typeof counters
module.exports = counters
