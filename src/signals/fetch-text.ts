import { type RequestOptions, request } from 'node:http'
import { urlToHttpOptions } from 'node:url'
import { messageOf, systemCode } from '../errors/operator-error.ts'

export const MOST_BYTES = 8 * 1024 * 1024

export type Fetched =
  | { ok: true; text: string }
  /** `absent`: there is nobody at that address. `silent`: somebody is there, and did not answer in time. */
  | { ok: false; why: string; absent: boolean; silent: boolean }

const NOBODY = new Set(['ECONNREFUSED', 'ENOENT'])

/** One GET within one time limit, from the connection to the last byte. Never rejects. */
export async function fetchText(
  target: { url: string } | { socketPath: string; path: string },
  headers: Record<string, string>,
  timeoutMs: number,
): Promise<Fetched> {
  const isHttps = 'url' in target && target.url.startsWith('https:')
  const send = isHttps ? (await import('node:https')).request : request
  return new Promise((resolve) => {
    const fail = (why: string, kind: 'absent' | 'silent' | null = null) => {
      clearTimeout(timer)
      resolve({ ok: false, why, absent: kind === 'absent', silent: kind === 'silent' })
      sent.destroy()
    }
    const timer = setTimeout(() => fail(`no answer within ${timeoutMs} ms`, 'silent'), timeoutMs)
    const sent = send(optionsFor(target, headers), (response) => {
      const { statusCode = 0 } = response
      if (statusCode < 200 || statusCode > 299) return fail(`status ${statusCode}`)
      const chunks: Buffer[] = []
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MOST_BYTES) return fail(`more than ${MOST_BYTES / 1024 / 1024} MB`)
        chunks.push(chunk)
      })
      response.on('error', (error) => fail(`the answer broke off: ${messageOf(error)}`))
      response.on('end', () => {
        clearTimeout(timer)
        resolve({ ok: true, text: Buffer.concat(chunks).toString('utf8') })
      })
      return undefined
    })
    sent.on('error', (error) => {
      const code = systemCode(error)
      fail(code ?? messageOf(error), code !== null && NOBODY.has(code) ? 'absent' : null)
    })
    sent.end()
  })
}

function optionsFor(
  target: { url: string } | { socketPath: string; path: string },
  headers: Record<string, string>,
): RequestOptions {
  const options = { method: 'GET', headers: { 'user-agent': 'lastgood', ...headers }, agent: false as const }
  return 'url' in target
    ? { ...urlToHttpOptions(new URL(target.url)), ...options }
    : { ...target, ...options }
}
