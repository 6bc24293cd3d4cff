import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { isIPv6 } from 'node:net'
import { type AlertNotification, parseNotification } from '../domain/alertmanager.ts'
import { messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'
import type { AlertInbox } from '../ports/alert-inbox.ts'

const PATH = '/alerts'
const MOST_BYTES = 4 * 1024 * 1024
const SLOWEST_MS = 10_000

interface Answer {
  code: number
  text: string
  headers?: Record<string, string>
}

/**
 * Takes what Alertmanager's webhook posts, one notification after the other. Alertmanager tries again after a 5xx and gives up
 * after any other refusal, so 5xx is kept for what was a notification and could not be taken.
 */
export const httpInbox: AlertInbox = {
  async open({ host, port, token }, take) {
    let last: Promise<unknown> = Promise.resolve()
    const inTurn = (notification: AlertNotification) => {
      const taken = last.then(() => take(notification))
      last = taken.catch(() => {})
      return taken
    }
    const server = createServer((request, response) => {
      answer(request, token, inTurn)
        .catch((error): Answer => ({ code: 500, text: messageOf(error) }))
        .then(({ code, text, headers = {} }) => {
          // What is left of a body that nobody reads would be taken for the next request.
          const close = request.complete ? {} : { connection: 'close' }
          response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8', ...close, ...headers })
          response.end(`${text}\n`)
          return undefined
        })
        .catch(() => response.destroy())
    })
    server.requestTimeout = SLOWEST_MS
    server.headersTimeout = SLOWEST_MS
    await listen(server, host, port)
    const address = server.address()
    const bound = typeof address === 'object' && address !== null ? address.port : port
    return {
      url: `http://${bracketed(host)}:${bound}${PATH}`,
      async close() {
        await new Promise<void>((resolve) => {
          server.close(() => resolve())
          server.closeIdleConnections()
          // Whoever is still sending does not hold up the end.
          setTimeout(() => server.closeAllConnections(), 1_000).unref()
        })
        await last
      },
    }
  },
}

async function answer(
  request: IncomingMessage,
  token: string | null,
  take: (notification: AlertNotification) => Promise<void>,
): Promise<Answer> {
  const [path] = (request.url ?? '').split('?')
  if (path !== PATH) return { code: 404, text: `there is ${PATH} and nothing else` }
  if (request.method !== 'POST') return { code: 405, text: 'post to it', headers: { allow: 'POST' } }
  if (token !== null && !bears(request.headers.authorization, token))
    return { code: 401, text: 'the token is missing or wrong', headers: { 'www-authenticate': 'Bearer' } }
  const body = await readBody(request)
  if (body === null)
    return { code: 413, text: `more than ${MOST_BYTES / 1024 / 1024} MB: set max_alerts in Alertmanager` }
  const json = parseJson(body)
  if (json === undefined) return { code: 400, text: 'no notification: it is no JSON' }
  const parsed = parseNotification(json, sha256)
  if (!parsed.ok) return { code: 400, text: `no notification: ${parsed.why}` }
  try {
    await take(parsed.notification)
    return { code: 200, text: 'taken' }
  } catch {
    return { code: 503, text: 'not taken: send it again' }
  }
}

/** In the same time, however much of it is right. */
function bears(header: string | undefined, token: string): boolean {
  const [, given = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? []
  return timingSafeEqual(Buffer.from(sha256(given)), Buffer.from(sha256(token)))
}

/** Null: too much. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  let bytes = 0
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return null
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const detail = systemCode(error) ?? messageOf(error)
      const address = `${bracketed(host)}:${port}`
      reject(new OperatorError('CANNOT_LISTEN', { address, port, detail }, { cause: error }))
    })
    server.listen(port, host, resolve)
  })
}

function bracketed(host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}
