import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const HOST = '127.0.0.1'

/**
 * A TCP port on 127.0.0.1 that nobody listens on, and that nobody else who asks here will get while this process lives.
 *
 * The race: between asking the kernel and listening, another test worker can be given the same port. So a port is claimed
 * by holding the UDP port of the same number: it is in nobody's way, the kernel lets only one process have it, and it is
 * gone with the process, however that ends.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await askKernel()
    if (await claim(port)) return port
  }
}

function askKernel(): Promise<number> {
  const server = createServer()
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, HOST, () => {
      const address = server.address()
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port)
        else reject(new Error('the kernel gave no port'))
      })
    })
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
