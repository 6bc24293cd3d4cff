import { connect } from 'node:net'
import { decodeReply, encodeCall } from './rpc-message.ts'

/** It was asked and did not answer, or not in a way that is known: what it has done is unknown. */
export class DaemonSilent extends Error {}

/** It answered that it failed. */
export class DaemonRefused extends Error {}

/**
 * Calls a method of PM2's daemon on its own socket, as the pm2 command does, without the third of a second that the command
 * takes to start. Never starts a daemon.
 * @throws DaemonSilent, DaemonRefused
 */
export function callDaemon(
  socketPath: string,
  method: string,
  argument: object,
  timeoutMs: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let received = Buffer.alloc(0)
    const end = (settle: () => void) => {
      clearTimeout(timer)
      socket.destroy()
      settle()
    }
    const silent = (why: string) => end(() => reject(new DaemonSilent(`PM2's daemon: ${method}: ${why}`)))
    const timer = setTimeout(() => silent(`no answer within ${timeoutMs} ms`), timeoutMs)
    socket.on('connect', () => socket.write(encodeCall(method, argument)))
    socket.on('error', (error) => silent(error.message))
    socket.on('close', () => silent('it hung up'))
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk])
      const reply = decodeReply(received)
      if (reply === null) return
      if (reply.kind === 'strange') silent('its answer is in no form that is known')
      else if (reply.kind === 'refused') end(() => reject(new DaemonRefused(reply.reason)))
      else end(() => resolve(reply.value))
    })
  })
}
