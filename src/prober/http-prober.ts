import { type RequestOptions, request } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import type { HttpCheck } from '../domain/http-check.ts'
import { messageOf, systemCode } from '../errors/operator-error.ts'
import type { ProbeResult, Prober } from '../ports/prober.ts'
import type { PrivateAddress } from '../ports/runtime.ts'
import { judgeAnswer } from './judge-answer.ts'

const MOST_BYTES = 1024 * 1024

/** Each probe on a connection of its own, as a new visitor would come. */
export const httpProber: Prober = {
  async probe(target, check) {
    const send =
      'url' in target && target.url.startsWith('https:') ? (await import('node:https')).request : request
    const startedAt = performance.now()
    return new Promise<ProbeResult>((resolve) => {
      const elapsed = () => Math.round(performance.now() - startedAt)
      const finish = (outcome: ProbeResult['outcome'], evidence: string) => {
        clearTimeout(timer)
        resolve({ outcome, evidence, ms: elapsed() })
      }
      const sent = send(optionsOf(target, check), (response) => {
        const chunks: Buffer[] = []
        let bytes = 0
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes <= MOST_BYTES) chunks.push(chunk)
        })
        response.on('error', (error) => finish('unknown', `the answer broke off: ${messageOf(error)}`))
        response.on('end', () => {
          const answer = {
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }
          const { outcome, evidence } = judgeAnswer(check, answer, elapsed())
          finish(outcome, evidence)
        })
      })
      // No answer in time is an answer: it is what a visitor would see. One that cannot be reached is not known.
      const timer = setTimeout(() => {
        finish('failed', `no answer within ${check.withinMs} ms`)
        sent.destroy()
      }, check.withinMs)
      sent.on('error', (error) => finish('unknown', systemCode(error) ?? messageOf(error)))
      sent.end(check.body === null ? undefined : JSON.stringify(check.body))
    })
  },
}

function optionsOf(target: PrivateAddress | { url: string }, check: HttpCheck): RequestOptions {
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
