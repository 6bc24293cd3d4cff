import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { GuardModule } from './guard.cts'
import type { OwnSocketsModule } from './own-sockets.cts'
import type { Agent, Captured } from './state.cts'

const http = require('node:http') as typeof import('node:http')
const { guarded }: GuardModule = require('./guard.cjs')
const { openOwnSocket }: OwnSocketsModule = require('./own-sockets.cjs')

/** Added by a draining process: the address of its client. Believed on a private socket only. */
const FORWARDED = 'x-lastgood-forwarded'
const MORE_HEADERS = 4096

const GIVEN_TO_THE_APP = new Set(['request', 'checkContinue', 'checkExpectation', 'upgrade', 'connect'])

/** Requests to be answered by this process even while it forwards the others. */
const here = new WeakSet<IncomingMessage>()

const privateSockets = new WeakSet<Socket>()

const isForwarded = (request: IncomingMessage) =>
  privateSockets.has(request.socket) && FORWARDED in request.headers

const show = (socket: Socket, name: string, value: unknown) =>
  Object.defineProperty(socket, name, { value, configurable: true, enumerable: true })

function showRemoteAddress(socket: Socket, address: string): void {
  show(socket, 'remoteAddress', address)
  show(socket, 'remoteFamily', address.includes(':') ? 'IPv6' : 'IPv4')
}

/** Takes the forwarder's header off, so that the app sees what the client sent. */
function uncoverClient(request: IncomingMessage): void {
  const address = request.headers[FORWARDED]
  if (typeof address !== 'string') return
  // Both views before the list they are made from, which must not shrink under them.
  delete request.headers[FORWARDED]
  delete request.headersDistinct[FORWARDED]
  const raw = request.rawHeaders
  for (let i = raw.length - 2; i >= 0; i -= 2) if (raw[i]?.toLowerCase() === FORWARDED) raw.splice(i, 2)
  if (address !== '') showRemoteAddress(request.socket, address)
}

/** Options of the app's server that its twin must share; Node keeps the message classes under symbols. */
const isShared = (key: string | symbol) =>
  typeof key === 'symbol'
    ? key.description === 'IncomingMessage' || key.description === 'ServerResponse'
    : key === 'insecureHTTPParser' || key === 'joinDuplicateHeaders'

function createTwin(app: Server): Server {
  const ofApp: unknown = Reflect.get(app, 'maxHeaderSize')
  const twin = http.createServer({
    maxHeaderSize: (typeof ofApp === 'number' && ofApp > 0 ? ofApp : http.maxHeaderSize) + MORE_HEADERS,
    // The front already asked for it, and an HTTP/1.0 client has none.
    requireHostHeader: false,
    requestTimeout: 0,
    headersTimeout: 0,
  })
  for (const key of Reflect.ownKeys(twin)) if (isShared(key)) Reflect.set(twin, key, Reflect.get(app, key))
  return twin
}

/**
 * A second http server in front of the app's own: every request that comes in by the private socket is emitted on
 * the app's server, whatever listeners it has, held back or draining or not.
 */
function openPrivateSocket(agent: Agent, front: Captured): boolean {
  const app = front.server as Server
  const twin = createTwin(app)
  const emit = twin.emit
  const listenerCount = twin.listenerCount
  const takeIn = guarded((request: IncomingMessage) => {
    here.add(request)
    uncoverClient(request)
  })
  twin.emit = (event: string | symbol, ...args: unknown[]) => {
    if (!GIVEN_TO_THE_APP.has(String(event))) return Reflect.apply(emit, twin, [event, ...args])
    takeIn(args[0] as IncomingMessage)
    return Reflect.apply(app.emit, app, [event, ...args])
  }
  // Node asks for listeners before it emits, for example 'upgrade'.
  twin.listenerCount = (event: string | symbol, ...rest: unknown[]) =>
    Reflect.apply(listenerCount, GIVEN_TO_THE_APP.has(String(event)) ? app : twin, [event, ...rest])
  const welcome = guarded((socket: Socket & { server?: unknown }) => {
    privateSockets.add(socket)
    socket.server = app
    showRemoteAddress(socket, '127.0.0.1')
    if (front.speaks === 'https') show(socket, 'encrypted', true)
  })
  twin.on('connection', welcome)
  return openOwnSocket(twin, agent.settings, 'app')
}

const privateSocket = { FORWARDED, here, isForwarded, openPrivateSocket }
export type PrivateSocketModule = typeof privateSocket
module.exports = privateSocket
