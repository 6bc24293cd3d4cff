import type { Server } from 'node:http'
import type { Settings } from './settings.cts'

const { accessSync, chmodSync, constants, rmSync, statSync } = require('node:fs') as typeof import('node:fs')
const { join } = require('node:path') as typeof import('node:path')

/** What a Unix socket address holds; a longer path would be cut, and a socket of another name made. */
const LONGEST_PATH = 107

const opened = new Set<string>()

const pathTo = (settings: Settings, kind: 'ctl' | 'app') =>
  join(
    settings.run,
    `${settings.release}-${settings.container === null ? '' : `${settings.container}-`}${process.pid}.${kind}`,
  )

const holdMarker = (settings: Settings) => join(settings.run, `${settings.release}.hold`)

/** Could sockets be made there? */
function isUsable(settings: Settings): boolean {
  try {
    if (Buffer.byteLength(pathTo(settings, 'ctl')) > LONGEST_PATH || !statSync(settings.run).isDirectory())
      return false
    accessSync(settings.run, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // The folder is gone or not ours any more; so is the socket.
  }
}

/** Listens at once or not at all. Never seen by the cluster's primary, and never a reason to stay alive. */
function openOwnSocket(server: Server, settings: Settings, kind: 'ctl' | 'app'): boolean {
  const path = pathTo(settings, kind)
  removeQuietly(path)
  server.on('error', () => {})
  // An exclusive pipe is bound before listen() returns.
  server.listen({ path, exclusive: true })
  if (!server.listening) return false
  if (opened.size === 0) process.on('exit', () => opened.forEach(removeQuietly))
  opened.add(path)
  // What a container shares is closed to others by the folder around it.
  chmodSync(path, settings.container === null ? 0o600 : 0o666)
  server.unref()
  server.on('connection', (socket) => socket.unref())
  return true
}

const ownSockets = { pathTo, holdMarker, isUsable, openOwnSocket }
export type OwnSocketsModule = typeof ownSockets
module.exports = ownSockets
