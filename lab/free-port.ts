import { randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/**
 * Below what Linux and macOS give out by themselves (32768 and 49152 upwards): whoever listens on port 0, or connects to
 * somewhere, is never given a port that somebody here is about to listen on.
 */
const FROM = 20_000
const TO = 32_000

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and that nobody else who asks here will get while this process lives.
 *
 * The race: between looking and listening, another test worker can choose the same port. So a port is claimed
 * by holding the UDP port of the same number: it is in nobody's way, the kernel lets only one process have it, and it is
 * gone with the process, however that ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO)
    // Claimed first: what is free now stays so.
    if ((await claim(port)) && (await isFree(port))) return port
  }
}

function isFree(port: number): Promise<boolean> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(false))
    server.listen({ host: HOST, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

function claim(port: number): Promise<boolean> {
  const socket = createSocket('udp4')
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ address: HOST, port, exclusive: true }, () => {
      socket.unref()
      resolve(true)
    })
  })
}
