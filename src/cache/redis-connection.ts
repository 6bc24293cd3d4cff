import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { encodeCommand, parseReply, RedisError, type Reply } from './resp.ts'

/** More than any answer to SCAN with a count of a thousand. */
const MOST_BYTES = 64 * 1024 * 1024

/** One command after the other; the first that goes wrong ends it. */
export interface RedisConnection {
  /** @throws Error with what the server said, or how the connection ended */
  send(...words: string[]): Promise<Reply>
  close(): void
}

/** Logged in, and in the database the URL names. @throws Error */
export async function openRedis(url: string, signal: AbortSignal): Promise<RedisConnection> {
  const { protocol, hostname, port, username, password, pathname } = new URL(url)
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 6379 : Number(port) }
  const socket =
    protocol === 'rediss:' ? connectTls({ ...address, servername: address.host }) : connect(address)
  const connection = talk(socket, signal)
  const part = (text: string) => decodeURIComponent(text)
  try {
    if (password !== '')
      await connection.send('AUTH', ...(username === '' ? [] : [part(username)]), part(password))
    const database = pathname.replace(/^\//, '')
    if (database !== '') await connection.send('SELECT', database)
    return connection
  } catch (error) {
    connection.close()
    throw error
  }
}

function talk(socket: Socket, signal: AbortSignal): RedisConnection {
  let received: Buffer[] = []
  let size = 0
  let waiting: { resolve(reply: Reply): void; reject(error: Error): void } | null = null
  let ended: Error | null = null
  const end = (error: Error) => {
    ended ??= error
    waiting?.reject(ended)
    waiting = null
    socket.destroy()
  }
  const abort = () => end(new Error('it took too long'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  socket.on('error', end)
  socket.on('close', () => end(new Error('the connection was closed')))
  socket.on('data', (chunk) => {
    received.push(chunk)
    size += chunk.length
    if (size > MOST_BYTES) return end(new Error('the answer is too long'))
    try {
      const bytes = received.length === 1 ? chunk : Buffer.concat(received)
      received = [bytes]
      const parsed = parseReply(bytes)
      if (parsed === null || waiting === null) return
      received = [bytes.subarray(parsed.next)]
      size = bytes.length - parsed.next
      const { resolve, reject } = waiting
      waiting = null
      if (parsed.reply instanceof RedisError) reject(new Error(parsed.reply.message))
      else resolve(parsed.reply)
    } catch (error) {
      end(error instanceof Error ? error : new Error(String(error)))
    }
  })
  return {
    send: (...words) =>
      new Promise((resolve, reject) => {
        if (ended !== null) return reject(ended)
        waiting = { resolve, reject }
        socket.write(encodeCommand(words))
      }),
    close() {
      signal.removeEventListener('abort', abort)
      end(new Error('the connection was closed'))
    },
  }
}
