import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Stage, until } from '../../test/fixtures/agent/harness.ts'
import { openConnection, type Pair, startPair } from '../../test/fixtures/agent/pair.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

/** A pair whose bad one drains to the good one, and a kept connection to the bad one. */
async function startForwarding(
  env: NodeJS.ProcessEnv = {},
): Promise<Pair & { client: Awaited<ReturnType<typeof openConnection>> }> {
  const pair = await startPair(stage, { env })
  const client = await openConnection(pair.port)
  await client.ask('/')
  await pair.bad.drain(pair.good.app)
  return { ...pair, client }
}

test('method, path, headers in their order and spelling, and the address of the client arrive', async () => {
  const { client, port } = await startForwarding()
  const headers = [
    'Host',
    'shop',
    'X-One',
    '1',
    'Cookie',
    'a=b',
    'x-one',
    '2',
    'X-Lastgood-Forwarded',
    '6.6.6.6',
    'Accept',
    '*/*',
  ]
  const answer = await client.ask('/info?a=%20b', { method: 'DELETE', headers: headers as never })
  const seen = JSON.parse(answer.body)
  expect(seen).toMatchObject({ by: 'good', method: 'DELETE', url: '/info?a=%20b' })
  expect(seen.rawHeaders).toEqual([
    'Host',
    'shop',
    'X-One',
    '1',
    'Cookie',
    'a=b',
    'x-one',
    '2',
    'Accept',
    '*/*',
    'Connection',
    'close',
  ])
  expect(seen.headers).toMatchObject({ host: 'shop', 'x-one': '1, 2' })
  expect(JSON.stringify(seen)).not.toContain('forwarded')
  expect(seen.remoteAddress).toContain('127.0.0.1')
  expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
  expect(answer.headers.connection).toBe('close')
  expect(port).toBeGreaterThan(0)
})

test.each([
  ['HEAD', '/', 200],
  ['GET', '/status?code=204', 204],
  ['GET', '/status?code=304', 304],
  ['GET', '/status?code=503', 503],
  ['POST', '/status?code=200', 200],
])('%s %s comes back as it is', async (method, path, code) => {
  const { client, good } = await startForwarding()
  const answer = await client.ask(path, { method })
  expect([answer.status, answer.headers['x-release']]).toEqual([code, 'good'])
  expect(answer.body).toBe(code === 503 ? 'no\n' : '')
  const counters = { requests: 1, [`${Math.trunc(code / 100)}xx`]: 1 }
  await until('counted', async () => (await good.status()).counters.requests === 1)
  expect((await good.status()).counters).toMatchObject(counters)
})

test('a POST without a body and without a length does not get a chunked one', async () => {
  const { bad, good, port } = await startPair(stage)
  const socket = net.connect(port)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  await once(socket, 'data')
  await bad.drain(good.app)
  socket.write('POST /info HTTP/1.1\r\nHost: x\r\n\r\n')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  expect(text).toContain('"Content-Length","0"')
})

test('an HTTP/1.0 client without a Host header gets no chunks', async () => {
  const { bad, good, port } = await startPair(stage)
  const socket = net.connect(port)
  socket.write('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  await once(socket, 'data')
  await bad.drain(good.app)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write('GET /drip?ms=20 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
  await once(socket, 'close')
  expect(text).toContain('x-release: good')
  expect(text).not.toMatch(/transfer-encoding/i)
  expect(text.endsWith('\r\n\r\nfirst\nlast\n')).toBe(true)
})

test('large bodies stream both ways, with trailers, without filling the memory of the one between', async () => {
  const { bad, client, port } = await startForwarding()
  const before = (await bad.status()).rss as number
  const other = await openConnection(port).catch(() => client)
  expect(other).toBeDefined()
  const answer = await client.ask('/stream?mb=96')
  expect([answer.body.length, answer.trailers]).toEqual([96 * 1024 * 1024, { 'x-sum': '96' }])
  expect(((await bad.status()).rss as number) - before).toBeLessThan(64 * 1024 * 1024)
})

test('a large upload arrives whole, chunked and with its trailer', async () => {
  const { client } = await startForwarding()
  const body = randomBytes(24 * 1024 * 1024)
  const answer = await client.ask('/hash', {
    method: 'POST',
    headers: { trailer: 'x-end', 'transfer-encoding': 'chunked' },
    body,
    onRequest: (request) => request.addTrailers({ 'x-end': 'yes' }),
  })
  const hash = createHash('sha256').update(body).digest('hex')
  expect(JSON.parse(answer.body)).toEqual({ bytes: body.length, hash, trailer: 'yes', by: 'good' })
})

test('an echo streams in both directions at once', async () => {
  const { client } = await startForwarding()
  const body = randomBytes(8 * 1024 * 1024).toString('base64')
  expect((await client.ask('/echo', { method: 'PUT', body })).body === body).toBe(true)
})

test.each([{}, { CHECK_CONTINUE: '1' }])('Expect: 100-continue works (%o)', async (env) => {
  const { client } = await startForwarding(env as NodeJS.ProcessEnv)
  let continued = 0
  const answer = await client.ask('/hash', {
    ...{ method: 'POST', headers: { expect: '100-continue' }, body: 'after the go' },
    onRequest: (request) => request.on('continue', () => continued++),
  })
  expect([JSON.parse(answer.body).bytes, continued]).toEqual([12, 1])
  expect(answer.headers['x-checked']).toBe('CHECK_CONTINUE' in env ? 'good' : undefined)
})

test('early hints come through', async () => {
  const { client } = await startForwarding()
  const hints: unknown[] = []
  await client.ask('/early', {
    onRequest: (request) => request.on('information', (info) => hints.push(info.headers.link)),
  })
  expect(hints).toEqual(['</style.css>; rel=preload'])
})

test('the first bytes of a slow stream do not wait for the last', async () => {
  const { client, good } = await startForwarding()
  let first = ''
  const whole = client.ask('/drip?wait', { onChunk: (chunk) => (first ||= String(chunk)) })
  expect(await until('bytes', () => first)).toBe('first\n')
  good.go()
  expect((await whole).body).toBe('first\nlast\n')
})

test('a target that dies before it answers: a GET is answered by the draining process, a POST with 502', async () => {
  const { bad, good, port } = await startPair(stage)
  const [one, two] = [await openConnection(port), await openConnection(port)]
  await one.ask('/')
  await two.ask('/')
  await bad.drain(good.app)
  let answered = false
  const get = one.ask('/wait').finally(() => {
    answered = true
  })
  const post = two.ask('/wait', { method: 'POST', body: 'once only' })
  await until('both there', async () => (await good.status()).inFlight === 2)
  await good.stop()
  // It waits here as soon as it has come back.
  await until('its answer', () => bad.go() && answered)
  expect((await get).body).toBe('bad\n')
  expect((await post).status).toBe(502)
  expect((await bad.status()).counters).toMatchObject({ requests: 4, '5xx': 1 })
})

test('a target that dies half way: the answer is cut, not finished', async () => {
  const { bad, client } = await startForwarding()
  await expect(client.ask('/half')).rejects.toThrow(/aborted|ECONNRESET/)
  await bad.reach('drained')
  expect(bad.stderr).toBe('')
})

test('a client that leaves ends the forwarded request too, and nobody crashes', async () => {
  const { bad, client, good } = await startForwarding()
  const slow = client.ask('/slow?ms=60000').catch((error) => error.code)
  await until('there', async () => (await good.status()).inFlight === 1)
  client.leave()
  expect(await slow).toBe('ECONNRESET')
  await bad.reach('drained')
  await until('gone there too', async () => (await good.status()).counters.aborted === 1)
  expect((await bad.status()).counters.aborted).toBe(0)
  expect([bad.stderr, good.stderr]).toEqual(['', ''])
})

test('a client that leaves in the middle of an upload or a download crashes nobody', async () => {
  const { bad, good, port } = await startPair(stage)
  const [up, down] = [await openConnection(port), await openConnection(port)]
  await up.ask('/')
  await down.ask('/')
  await bad.drain(good.app)
  const upload = up
    .ask('/hash', {
      method: 'POST',
      headers: { 'content-length': 9_000_000 },
      onRequest: (request) => request.write('part'),
    })
    .catch((error) => error.code)
  const download = down.ask('/stream?mb=512').catch((error) => error.code)
  await until('both there', async () => (await good.status()).inFlight === 2)
  await until('some bytes', () => down.bytes > 1_000_000)
  up.leave()
  down.leave()
  expect(await Promise.all([upload, download])).toEqual(['ECONNRESET', 'ECONNRESET'])
  await bad.reach('drained')
  await until('gone there too', async () => (await good.status()).inFlight === 0)
  expect([bad.stderr, good.stderr]).toEqual(['', ''])
})
