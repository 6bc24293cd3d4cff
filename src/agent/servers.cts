import type { Server } from 'node:net'
import type { DisguiseModule } from './disguise.cts'
import type { InterceptModule } from './intercept.cts'
import type { ListenArgumentsModule, ListenCall } from './listen-arguments.cts'
import type { OpeningModule } from './opening.cts'
import type { OwnSocketsModule } from './own-sockets.cts'
import type { PrivateSocketModule } from './private-socket.cts'
import type { Agent, Captured, StateModule } from './state.cts'

const { existsSync } = require('node:fs') as typeof import('node:fs')
const cluster = require('node:cluster') as typeof import('node:cluster').default
const http = require('node:http') as typeof import('node:http')
const https = require('node:https') as typeof import('node:https')
const net = require('node:net') as typeof import('node:net')
const { alreadyListening, undisguise }: DisguiseModule = require('./disguise.cjs')
const { takeEmit }: InterceptModule = require('./intercept.cjs')
const { readListen }: ListenArgumentsModule = require('./listen-arguments.cjs')
const { rememberAddress }: OpeningModule = require('./opening.cjs')
const { holdMarker }: OwnSocketsModule = require('./own-sockets.cjs')
const { openPrivateSocket }: PrivateSocketModule = require('./private-socket.cjs')
const { enter }: StateModule = require('./state.cjs')

const known = new WeakMap<Server, Captured>()

function languageOf(server: Server): Captured['speaks'] {
  if (server instanceof https.Server) return 'https'
  return server instanceof http.Server ? 'http' : 'tcp'
}

function capture(agent: Agent, server: Server, { options }: ListenCall): Captured {
  const captured: Captured = {
    ...{
      server,
      speaks: languageOf(server),
      options,
      phase: 'open',
      empty: true,
      heard: false,
      closedByApp: false,
    },
    ...{ address: null, opening: null, failed: false, giveBackEmit: null },
  }
  known.set(server, captured)
  agent.servers.add(captured)
  return captured
}

interface Boot {
  /** The private socket has its server. */
  fronted: boolean
  held: boolean | null
  /** False: no control socket, so nothing may be held. */
  openControl: () => boolean
}

/** The marker decides once, at the first listen(); servers that come later follow the state. */
function mustHold(agent: Agent, boot: Boot): boolean {
  boot.held ??= boot.openControl() && existsSync(holdMarker(agent.settings))
  return agent.state === 'booting' ? boot.held : agent.state !== 'listening'
}

function holdBack(agent: Agent, captured: Captured, { callback }: ListenCall): void {
  captured.phase = 'held'
  takeEmit(agent, captured)
  if (callback !== null) captured.server.once('listening', callback)
  if (agent.state === 'booting') enter(agent, 'holding')
}

function noteListening(agent: Agent, captured: Captured): void {
  captured.server.prependOnceListener('listening', () => {
    captured.heard = true
    rememberAddress(captured)
    if (agent.state === 'booting') enter(agent, 'listening')
  })
}

/** The primary of the app's own cluster opens the ports that its workers asked for; they were held, it must not be. */
const listensForWorkers = () => cluster.isPrimary && Object.keys(cluster.workers ?? {}).length > 0

/** True: held back, the real listen() waits for an activate. */
function onListen(agent: Agent, server: Server, args: readonly unknown[], boot: Boot): boolean {
  const call = readListen(args)
  if (call === null || listensForWorkers()) return false
  const before = known.get(server)
  if (before !== undefined) agent.servers.delete(before)
  before?.giveBackEmit?.()
  const captured = capture(agent, server, call)
  if (captured.speaks !== 'tcp' && !boot.fronted) boot.fronted = openPrivateSocket(agent, captured)
  if (mustHold(agent, boot)) {
    holdBack(agent, captured, call)
    return true
  }
  noteListening(agent, captured)
  return false
}

/** The app ends its server. It believes that it listens (or will), so its callback must not get an error. */
function onAppClose(agent: Agent, captured: Captured, callback: unknown): void {
  captured.closedByApp = true
  agent.servers.delete(captured)
  undisguise(captured)
  captured.opening?.settle(new Error('the app closed its server'))
  if (typeof callback === 'function') captured.server.once('close', () => callback())
}

/** Every TCP server of the app passes here, whatever framework made it. Whatever fails here, the app listens. */
function captureServers(agent: Agent, openControl: () => boolean): void {
  const { close, listen } = net.Server.prototype
  const boot: Boot = { fronted: false, held: null, openControl }
  net.Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
    const captured = known.get(this)
    if (captured !== undefined && captured.phase !== 'open' && !captured.closedByApp) throw alreadyListening()
    try {
      if (onListen(agent, this, args, boot)) return this
    } catch {
      // In doubt: listen.
    }
    return Reflect.apply(listen, this, args)
  }
  net.Server.prototype.close = function (this: Server, callback?: (error?: Error) => void): Server {
    const captured = known.get(this)
    if (captured === undefined || captured.closedByApp) return Reflect.apply(close, this, [callback])
    if (captured.phase === 'open') {
      captured.closedByApp = true
      agent.servers.delete(captured)
      return Reflect.apply(close, this, [callback])
    }
    onAppClose(agent, captured, callback)
    return Reflect.apply(close, this, [])
  }
}

const servers = { captureServers }
export type ServersModule = typeof servers
module.exports = servers
