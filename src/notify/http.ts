import { oneLine } from '../domain/notify/message-text.ts'
import type { Delivery } from '../ports/sink.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH'
  url: string
  headers?: Record<string, string>
  /** Sent as it is, or as JSON. */
  body?: string
  json?: object | undefined
  signal: AbortSignal
}

export interface HttpAnswer {
  status: number
  body: string
  header(name: string): string | null
}

/** Nobody answers a message with more; the rest is not read. */
const MOST_BYTES = 512 * 1024
const TIMEOUT_MS = 10_000

/**
 * One request, one answer. A redirect is not followed: what was meant for one address, its token with it, is for no other.
 * Never throws: what did not come to an answer is told as a delivery that is tried again.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer | Delivery> {
  const { method, url, headers, json, signal } = request
  const body = json === undefined ? request.body : JSON.stringify(json)
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, {
      method,
      headers: {
        'user-agent': 'lastgood',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      redirect: 'manual',
      signal: AbortSignal.any([signal, timeout]),
      ...(body === undefined ? {} : { body }),
    })
    const text = await readSome(response)
    return { status: response.status, body: text, header: (name) => response.headers.get(name) }
  } catch (error) {
    if (signal.aborted || timeout.aborted) return retry('no answer in time')
    const cause = error instanceof Error ? error.cause : undefined
    // Without a cause it never left: an address or a header that cannot be written. Its words may hold the token.
    if (cause === undefined)
      return { outcome: 'failed', why: 'the request cannot be made: look at the address and the token' }
    return retry(`no connection: ${codeOf(cause)}`)
  }
}

async function readSome(response: Response): Promise<string> {
  if (response.body === null) return ''
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body) {
    chunks.push(chunk)
    bytes += chunk.length
    // Leaving the loop cancels the rest.
    if (bytes > MOST_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, MOST_BYTES)
}

function codeOf(cause: unknown): string {
  if (!(cause instanceof Error)) return 'broken off'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : oneLine(cause.message, 120)
}

export function retry(note: string, afterMs: number | null = null): Delivery {
  return { outcome: 'retry', afterMs, receipt: null, note }
}

export function isAnswer(result: HttpAnswer | Delivery): result is HttpAnswer {
  return 'status' in result
}

/**
 * What an answer that is no success means. Too many requests, a server's own trouble and what a proxy says in its place pass;
 * anything else would be the same the next time.
 */
export function judgeFailure(answer: HttpAnswer, defaultAfterMs: number | null = null): Delivery {
  const { status } = answer
  const note = `${status}${excerpt(answer.body)}`
  if (status === 420 || status === 429) return retry(note, retryAfterMs(answer) ?? defaultAfterMs)
  if (status === 408 || status === 425 || status >= 500) return retry(note, retryAfterMs(answer))
  if (status >= 300 && status < 400)
    return { outcome: 'failed', why: `${status}: it has moved, and a redirect is not followed` }
  return { outcome: 'failed', why: note }
}

function excerpt(body: string): string {
  const text = oneLine(body.replace(/<[^>]*>/g, ' '), 160)
  return text === '' ? '' : `: ${text}`
}

/** Retry-After: seconds, or a date. Null: it is not there or makes no sense. */
export function retryAfterMs(answer: Pick<HttpAnswer, 'header'>, now: number = Date.now()): number | null {
  const value = answer.header('retry-after')?.trim() ?? ''
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1_000
  const at = Date.parse(value)
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}

export function isSuccess({ status }: HttpAnswer): boolean {
  return status >= 200 && status < 300
}

/** An object, or null for anything else: a login page is an answer, too. */
export function jsonObject(answer: HttpAnswer): Record<string, unknown> | null {
  const value = parseJson(answer.body)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null
}

export function jsonList(answer: HttpAnswer): Record<string, unknown>[] | null {
  const value = parseJson(answer.body)
  return Array.isArray(value)
    ? value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null)
    : null
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
