import type { IncomingMessage, Server } from 'node:http'
import type { ActivateModule } from './activate.cts'
import type { DrainModule } from './drain.cts'
import type { Agent } from './state.cts'
import type { StatusModule } from './status.cts'

const http = require('node:http') as typeof import('node:http')
const { activate }: ActivateModule = require('./activate.cjs')
const { drain }: DrainModule = require('./drain.cjs')
const { readStatus }: StatusModule = require('./status.cjs')

const LONGEST_BODY = 256 * 1024

type Answer = { readonly code: number; readonly body: object }
type Body = Record<string, unknown>
type Handler = (agent: Agent, body: Body) => Promise<Answer>

const malformed = (what: string): Answer => ({ code: 400, body: { error: what } })

/** Null: not a JSON object. */
async function readBody(request: IncomingMessage): Promise<Body | null> {
  let text = ''
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk
    if (text.length > LONGEST_BODY) return null
  }
  if (text === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Body) : null
  } catch {
    return null
  }
}

const routes: Record<string, Handler> = {
  'GET /status': async (agent) => ({ code: 200, body: await readStatus(agent) }),

  'POST /activate': async (agent, { retryMs = 0 }) => {
    if (typeof retryMs !== 'number' || !(retryMs >= 0))
      return malformed('retryMs is not a number of milliseconds')
    try {
      await activate(agent, retryMs)
      return { code: 200, body: await readStatus(agent) }
    } catch (error) {
      return { code: 409, body: { error: error instanceof Error ? error.message : String(error) } }
    }
  },

  'POST /drain': async (agent, { to = [] }) => {
    if (!Array.isArray(to) || !to.every((path) => typeof path === 'string'))
      return malformed('to is not a list of paths')
    drain(agent, to)
    return { code: 202, body: await readStatus(agent) }
  },
}

async function answer(agent: Agent, request: IncomingMessage): Promise<Answer> {
  const route = routes[`${request.method} ${request.url}`]
  if (route === undefined) return { code: 404, body: { error: 'no such command' } }
  const body = await readBody(request)
  return body === null ? malformed('the body is not a JSON object') : route(agent, body)
}

function createControl(agent: Agent): Server {
  return http.createServer((request, response) => {
    answer(agent, request)
      .catch((error): Answer => ({ code: 500, body: { error: String(error) } }))
      .then(({ code, body }) => {
        response.writeHead(code, { 'content-type': 'application/json' })
        response.end(JSON.stringify(body))
      })
      .catch(() => response.destroy())
  })
}

const control = { createControl }
export type ControlModule = typeof control
module.exports = control
