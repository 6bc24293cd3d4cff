import { type RequestOptions, request } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import type { HttpCheck } from '../domain/http-check.ts'
import { messageOf, systemCode } from '../errors/operator-error.ts'
import type { PrivateAddress } from '../ports/runtime.ts'
import type { Answer } from './judge-answer.ts'

const MOST_BYTES = 1024 * 1024

export type Target = PrivateAddress | { url: string }

/** `late`: there is somebody, who did not answer in time. `lost`: nobody knows. */
export type Asked = { ms: number } & (
  | { kind: 'answered'; answer: Answer }
  | { kind: 'late' }
  | { kind: 'lost'; why: string }
)

/** Each request on a connection of its own, as a new visitor would come. */
export async function ask(target: Target, check: HttpCheck): Promise<Asked> {
  const send =
    'url' in target && target.url.startsWith('https:') ? (await import('node:https')).request : request
  const startedAt = performance.now()
  return new Promise<Asked>((resolve) => {
    const ms = () => Math.round(performance.now() - startedAt)
    const finish = (asked: Asked) => {
      clearTimeout(timer)
      resolve(asked)
    }
    const sent = send(optionsOf(target, check), (response) => {
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes <= MOST_BYTES) chunks.push(chunk)
      })
      response.on('error', (error) =>
        finish({ kind: 'lost', why: `the answer broke off: ${messageOf(error)}`, ms: ms() }),
      )
      response.on('end', () => {
        const answer = {
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString('utf8'),
        }
        finish({ kind: 'answered', answer, ms: ms() })
      })
    })
    const timer = setTimeout(() => {
      finish({ kind: 'late', ms: ms() })
      sent.destroy()
    }, check.withinMs)
    sent.on('error', (error) =>
      finish({ kind: 'lost', why: systemCode(error) ?? messageOf(error), ms: ms() }),
    )
    sent.end(check.body === null ? undefined : JSON.stringify(check.body))
  })
}

function optionsOf(target: Target, check: HttpCheck): RequestOptions {
  const headers = {
    accept: 'application/json, */*',
    'user-agent': 'lastgood',
    ...(check.body === null ? {} : { 'content-type': 'application/json' }),
    ...check.requestHeaders,
  }
  const options = { method: check.method, headers, agent: false as const }
  if ('url' in target) return { ...urlToHttpOptions(new URL(check.path, target.url)), ...options }
  return { ...options, ...target, path: check.path }
}
