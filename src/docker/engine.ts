import { request } from 'node:http'
import * as z from 'zod'
import { isOperatorError, messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'
import type { RuntimeAvailability } from '../ports/runtime.ts'

export interface EngineAnswer {
  status: number
  /** Parsed where it is JSON, else the bytes. */
  body: unknown
}

export interface EngineCall {
  query?: Record<string, string>
  body?: unknown
  timeoutMs?: number
  /** In the engine's own newest version instead of ours: all it knows, and not only what we ask for. */
  newest?: boolean
}

/**
 * The engine's own HTTP API, over its Unix socket. Older than the versions that people run: what is asked for has not changed
 * since. Engines from 29 on take none that is older than 1.44, and say so.
 */
const VERSION = '1.40'
const TOO_OLD = /minimum supported API version is (\d+\.\d+)/i
const TIMEOUT_MS = 30_000
const START_ENGINE = 'start the engine: systemctl start docker'

/** One engine. Never throws for what it answers; only when it does not. */
export class Engine {
  /** As DOCKER_HOST has it. */
  readonly address: string
  readonly #socketPath: string
  #version = VERSION

  /** @param address `unix:///var/run/docker.sock` */
  constructor(address: string) {
    this.address = address
    this.#socketPath = address.replace(/^unix:\/\//, '')
  }

  /** @throws OperatorError RUNTIME_DOWN, RUNTIME_DENIED */
  async call(method: string, path: string, call: EngineCall = {}): Promise<EngineAnswer> {
    const asked = this.#version
    const answer = await this.#send(method, path, call)
    const [, version] = (answer.status === 400 ? TOO_OLD.exec(reasonIn(answer)) : null) ?? []
    if (version === undefined || version === asked) return answer
    this.#version = version
    return this.#send(method, path, call)
  }

  #send(method: string, path: string, call: EngineCall): Promise<EngineAnswer> {
    const { query = {}, body, timeoutMs = TIMEOUT_MS, newest = false } = call
    const search = new URLSearchParams(query).toString()
    const version = newest ? '' : `/v${this.#version}`
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(this.#explain(error))
      const sent = request({
        socketPath: this.#socketPath,
        method,
        path: `${version}${path}${search === '' ? '' : `?${search}`}`,
        headers: { host: 'docker', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
        agent: false,
      })
      sent.on('response', (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('error', fail)
        response.on('end', () => {
          const bytes = Buffer.concat(chunks)
          const isJson = response.headers['content-type']?.includes('json') === true
          resolve({ status: response.statusCode ?? 0, body: isJson ? parseJson(bytes) : bytes })
        })
      })
      sent.setTimeout(timeoutMs, () => sent.destroy(new Error(`no answer within ${timeoutMs} ms`)))
      sent.on('error', fail)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  /** The body of an answer that is 2xx. @throws OperatorError RUNTIME_FAILED, RUNTIME_DOWN, RUNTIME_DENIED */
  async ask(method: string, path: string, call: EngineCall = {}): Promise<unknown> {
    const answer = await this.call(method, path, call)
    if (answer.status < 300 || answer.status === 304) return answer.body
    throw new OperatorError('RUNTIME_FAILED', {
      operation: `docker: ${method} ${path}`,
      detail: reasonIn(answer),
    })
  }

  /** The newest that it speaks: `1.41` */
  async apiVersion(): Promise<string> {
    const version = z.object({ ApiVersion: z.string() })
    return version.parse(await this.ask('GET', '/version')).ApiVersion
  }

  #explain(error: unknown): OperatorError {
    const code = systemCode(error)
    const detail = `${this.address}: ${code ?? messageOf(error)}`
    if (code !== 'EACCES')
      return new OperatorError('RUNTIME_DOWN', { detail, fix: START_ENGINE }, { cause: error })
    const fix = `ls -l ${this.#socketPath} shows which group may; sudo usermod -aG docker "$USER", then log in again`
    return new OperatorError('RUNTIME_DENIED', { detail, fix }, { cause: error })
  }
}

/** Where it is the engine that cannot be asked; whatever else has failed is thrown on. Nobody but its host can start it. */
export function whyUnavailable(error: unknown): RuntimeAvailability {
  if (!isOperatorError(error) || (error.code !== 'RUNTIME_DOWN' && error.code !== 'RUNTIME_DENIED'))
    throw error
  const { detail, fix } = error.params
  return { ok: false, code: error.code, detail: String(detail), fix: String(fix), startable: false }
}

/** What the engine said, in its own words. */
export function reasonIn({ status, body }: EngineAnswer): string {
  const said = typeof body === 'object' && body !== null && 'message' in body ? body.message : null
  return typeof said === 'string' ? said : `status ${status}`
}

/** Several documents, a line each, are an answer as well (a pull). */
function parseJson(bytes: Buffer): unknown {
  const text = bytes.toString('utf8')
  try {
    return text === '' ? null : JSON.parse(text)
  } catch {
    return text
  }
}

/** Only an engine of this host: the agent's sockets and the containers' addresses are reached from here. */
export function engineAddress(
  socket: string | null,
  env: Readonly<Record<string, string | undefined>>,
): string {
  if (socket !== null) return `unix://${socket}`
  const named = env.DOCKER_HOST ?? ''
  if (named === '') return 'unix:///var/run/docker.sock'
  if (named.startsWith('unix://')) return named
  throw new OperatorError('ENGINE_REMOTE', { address: named })
}
