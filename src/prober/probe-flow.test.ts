import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Flow, FlowStep } from '../domain/flow.ts'
import { httpProber } from './http-prober.ts'

const TOKEN = 'a-token-nobody-sees'

interface Seen {
  line: string
  headers: IncomingMessage['headers']
  body: unknown
}

let seen: Seen[] = []
let server: Server | null = null

afterEach(() => {
  seen = []
  server?.close().closeAllConnections()
})

type Answers = Record<string, (response: ServerResponse, request: Seen) => void>

/** `POST /login` -> what it answers; everything else is 404. */
async function serve(answers: Answers): Promise<{ url: string }> {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const each = {
      line: `${request.method} ${request.url}`,
      headers: request.headers,
      body: text && JSON.parse(text),
    }
    seen.push(each)
    const answer = answers[each.line]
    if (answer === undefined) response.writeHead(404).end()
    else answer(response, each)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

const json =
  (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  (response: ServerResponse) =>
    response.writeHead(status, headers).end(JSON.stringify(body))

function step(line: string, changes: Partial<FlowStep> = {}): FlowStep {
  const [method = '', path = ''] = line.split(' ')
  return {
    name: line,
    method,
    path,
    requestHeaders: {},
    body: null,
    status: null,
    headers: {},
    json: {},
    withinMs: 1_000,
    save: {},
    ...changes,
  }
}

const bearer = { authorization: 'Bearer {token}' }

const shopping: Flow = {
  name: 'check out',
  everyMs: 1_000,
  steps: [
    step('POST /login', { body: { password: 'hunter2' }, save: { token: 'token' } }),
    step('GET /products', { save: { product: '0.id', name: '0.name' } }),
    step('POST /checkout', {
      requestHeaders: bearer,
      body: { items: [{ productId: '{product}', note: 'for {name}', quantity: 1 }] },
      status: 201,
      json: { product: '{product}' },
      save: { order: 'order.id' },
    }),
  ],
  cleanup: [
    step('DELETE /orders/{order}', { requestHeaders: bearer }),
    step('DELETE /session', { requestHeaders: bearer }),
  ],
}

const shop: Answers = {
  'POST /login': json({ token: TOKEN }),
  'GET /products': json([{ id: 7, name: 'tea & cake' }]),
  'POST /checkout': json({ order: { id: 'o 1/2' }, product: 7 }, 201),
  'DELETE /orders/o%201%2F2': json({}),
  'DELETE /session': json({}),
}

test('goes through the steps with what was saved, and cleans up', async () => {
  const result = await httpProber.probeFlow(await serve(shop), shopping)
  expect(result).toEqual({
    outcome: 'passed',
    late: false,
    evidence: expect.stringMatching(/^3 steps in \d+ ms$/),
    ms: expect.any(Number),
    leftBehind: null,
  })
  expect(seen.map(({ line }) => line)).toEqual([
    'POST /login',
    'GET /products',
    'POST /checkout',
    'DELETE /orders/o%201%2F2',
    'DELETE /session',
  ])
  expect(seen[2]?.headers.authorization).toBe(`Bearer ${TOKEN}`)
  // A number stays a number; inside a text it is text.
  expect(seen[2]?.body).toEqual({ items: [{ productId: 7, note: 'for tea & cake', quantity: 1 }] })
})

test('what a wrong answer made is cleaned up, and no evidence shows the token', async () => {
  const target = await serve({
    ...shop,
    'POST /checkout': json({ order: { id: 'o 1/2' }, product: TOKEN }, 500),
  })
  const result = await httpProber.probeFlow(target, shopping)
  expect(result).toMatchObject({
    outcome: 'failed',
    evidence: 'step 3 of 3, POST /checkout: status 500, expected 201; product is "***", expected 7',
    leftBehind: null,
  })
  expect(seen.map(({ line }) => line)).toContain('DELETE /orders/o%201%2F2')
})

test('stops at the step that is not right, and cleans up no more than there is', async () => {
  const result = await httpProber.probeFlow(await serve({ ...shop, 'GET /products': json([]) }), shopping)
  expect(result).toMatchObject({
    outcome: 'failed',
    evidence:
      'step 2 of 3, GET /products: the answer has no 0.id to save as {product}; the answer has no 0.name to save as {name}',
    leftBehind: null,
  })
  expect(seen.map(({ line }) => line)).toEqual(['POST /login', 'GET /products', 'DELETE /session'])
})

test('nobody there is unknown, no answer in time is failed, and what may be left behind is said', async () => {
  const gone = await serve(shop)
  server?.close()
  if (server !== null) await once(server, 'close')
  const noAnswer = await httpProber.probeFlow(gone, shopping)
  expect(noAnswer).toMatchObject({ outcome: 'unknown', evidence: 'step 1 of 3, POST /login: ECONNREFUSED' })

  const [login, products, checkout] = shopping.steps as [FlowStep, FlowStep, FlowStep]
  const steps = [login, products, { ...checkout, withinMs: 100 }]
  const late = await httpProber.probeFlow(await serve({ ...shop, 'POST /checkout': () => {} }), {
    ...shopping,
    steps,
  })
  expect(late).toMatchObject({
    late: true,
    outcome: 'failed',
    evidence: 'step 3 of 3, POST /checkout: no answer within 100 ms',
    leftBehind: 'DELETE /orders/{order}: not done, POST /checkout gave no answer to tell what it made',
  })
})

test('a cleaning up that fails is said, and is no fault of the flow', async () => {
  const result = await httpProber.probeFlow(
    await serve({ ...shop, 'DELETE /session': json({}, 500) }),
    shopping,
  )
  expect(result).toMatchObject({
    outcome: 'passed',
    leftBehind: 'DELETE /session: status 500, expected 2xx',
  })
})

test('keeps cookies from step to step, as a browser does', async () => {
  const target = await serve({
    'POST /login': (response) => {
      response.setHeader('set-cookie', ['sid=abc123; Path=/; HttpOnly', 'lang=de'])
      response.end()
    },
    'GET /me': (response, { headers }) => response.end(JSON.stringify({ cookie: headers.cookie })),
  })
  const me = step('GET /me', { json: { cookie: 'other' } })
  const result = await httpProber.probeFlow(target, {
    name: 'me',
    everyMs: 1,
    steps: [step('POST /login'), me],
    cleanup: [],
  })
  expect(seen[1]?.headers.cookie).toBe('sid=abc123; lang=de')
  expect(result.evidence).toBe('step 2 of 2, GET /me: cookie is "sid=***; lang=de", expected "other"')
})
