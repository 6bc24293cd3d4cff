import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'
import type { CountersModule, Response } from './counters.cts'
import type { ForwardModule } from './forward.cts'
import type { ForwardUpgradeModule } from './forward-upgrade.cts'
import type { PrivateSocketModule } from './private-socket.cts'
import type { Agent } from './state.cts'
import type { TargetsModule } from './targets.cts'

const {
  answerElsewhere,
  answerHereAfterAll,
  connectionOf,
  pendingOn,
}: CountersModule = require('./counters.cjs')
const { forward }: ForwardModule = require('./forward.cjs')
const { forwardUpgrade }: ForwardUpgradeModule = require('./forward-upgrade.cjs')
const { here }: PrivateSocketModule = require('./private-socket.cjs')
const { nextTargets }: TargetsModule = require('./targets.cjs')

/**
 * The last answer on a connection says `Connection: close`, and only the last: Node drops what was pipelined behind
 * it. False: the answer before it already said so, and HTTP forbids to act on anything that came later.
 */
function closeAfter(request: IncomingMessage, response: Response): boolean {
  const connection = connectionOf(request.socket)
  const pending = connection === null ? [] : pendingOn(connection)
  const before = pending[pending.indexOf(response) - 1]
  if (before !== undefined && !before.shouldKeepAlive) {
    if (before.headersSent) return false
    before.shouldKeepAlive = true
  }
  response.shouldKeepAlive = false
  return true
}

/** Requests that are being answered when the drain begins are the last ones on their connections. */
function closeAfterAnswersInFlight(agent: Agent): void {
  for (const connection of agent.connections) {
    const last = pendingOn(connection).at(-1)
    if (last !== undefined && !last.headersSent) last.shouldKeepAlive = false
  }
}

/** A new request on a kept connection of a draining process. True: the app does not get it (now). */
function routeRequest(
  agent: Agent,
  server: Server,
  event: string,
  request: IncomingMessage,
  response: Response,
): boolean {
  if (!closeAfter(request, response)) {
    answerElsewhere(response, () => {})
    return true
  }
  const targets = nextTargets(agent)
  if (targets.length === 0) return false
  const answerHere = () => {
    if (here.has(request)) return
    agent.forwarded--
    answerHereAfterAll(response)
    here.add(request)
    server.emit(event, request, response)
  }
  agent.forwarded++
  answerElsewhere(response, () => {})
  forward({ event, request, response, answerHere }, targets)
  return true
}

function routeUpgrade(
  agent: Agent,
  server: Server,
  event: string,
  { request, client, head }: { request: IncomingMessage; client: Duplex; head: Buffer },
): boolean {
  const targets = nextTargets(agent)
  if (targets.length === 0) return false
  agent.forwarded++
  forwardUpgrade({ request, client, head }, targets, () => {
    agent.forwarded--
    here.add(request)
    server.emit(event, request, client, head)
  })
  return true
}

const routing = { closeAfterAnswersInFlight, routeRequest, routeUpgrade }
export type RouteModule = typeof routing
module.exports = routing
