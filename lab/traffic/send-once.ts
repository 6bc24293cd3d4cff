import http from 'node:http'
import type { ShopperRequest } from './request.ts'
import { preciseNow, type Sample } from './sample.ts'

export type Outcome = { sample: Sample; body: string }

type Delivery = { url: URL; agent: http.Agent; token: string | null; timeoutMs: number; waitedMs: number }

/**
 * Sends one request, once. A reset connection is a failed request: a client that retries would hide exactly
 * what is measured here.
 */
export function sendOnce(wanted: ShopperRequest, delivery: Delivery): Promise<Outcome> {
  return new Promise((resolve) => {
    let at = preciseNow()
    const finish = (
      status: number,
      error: string | undefined,
      headers: http.IncomingHttpHeaders,
      body = '',
    ) =>
      resolve({
        sample: {
          at,
          ms: preciseNow() - at,
          waitedMs: delivery.waitedMs,
          method: wanted.method,
          route: wanted.route,
          status,
          ...(error === undefined ? {} : { error }),
          release: text(headers['x-release']),
          version: text(headers['x-version']),
        },
        body,
      })

    const request = http.request(new URL(wanted.path, delivery.url), {
      method: wanted.method,
      agent: delivery.agent,
      headers: headersFor(wanted, delivery.token),
      timeout: delivery.timeoutMs,
    })
    request.on('socket', () => {
      at = preciseNow()
    })
    request.on('timeout', () => request.destroy(Object.assign(new Error('no answer'), { code: 'TIMEOUT' })))
    request.on('error', (error) => finish(0, codeOf(error), {}))
    request.on('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', () => finish(0, 'CUT_SHORT', response.headers))
      response.on('end', () =>
        finish(response.statusCode ?? 0, undefined, response.headers, Buffer.concat(parts).toString()),
      )
    })
    request.end(wanted.body)
  })
}

function headersFor({ body }: ShopperRequest, token: string | null): http.OutgoingHttpHeaders {
  return {
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(token === null ? {} : { authorization: `Bearer ${token}` }),
  }
}

const text = (header: string | string[] | undefined) => (typeof header === 'string' ? header : null)

const codeOf = (error: Error) =>
  'code' in error && typeof error.code === 'string' ? error.code : error.message
