import { once } from 'node:events'
import http from 'node:http'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type App, ask, freePort, Stage, until } from '../../test/fixtures/agent/harness.ts'
import { openConnection, startPair } from '../../test/fixtures/agent/pair.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

test('nothing to do: drained at once, the process stays, the app sees no close and goes on to see its address', async () => {
  const port = await freePort()
  const app = stage.start({ env: { PORT: String(port), ON_SIGINT: '1' } })
  await app.tells('listening')
  expect((await app.drain()).code).toBe(202)
  await app.reach('drained')
  await expect(ask({ port })).rejects.toThrow('ECONNREFUSED')
  const address = JSON.parse((await ask({ socketPath: app.app, path: '/address' })).body)
  expect(address.port).toBe(port)
  expect(app.told('close')).toEqual([])
  expect(app.child.exitCode).toBe(null)
  expect(await app.stop('SIGINT')).toEqual({ code: 0, signal: null })
  expect(app.told('close')).toHaveLength(1)
})

test('to and fro: each way the app hears nothing, and it serves again', async () => {
  const port = await freePort()
  const app = stage.start({ env: { PORT: String(port) } })
  await app.tells('listening')
  for (let i = 0; i < 12; i++) {
    await app.drain()
    await app.reach('drained')
    expect((await app.activate()).body.state).toBe('listening')
    expect((await ask({ port })).body).toBe('r1\n')
  }
  expect([app.told('listening').length, app.told('callback').length, app.told('close').length]).toEqual([
    1, 1, 0,
  ])
  expect(app.stderr).toBe('')
})

test('a request in flight finishes; the next one on a kept connection is answered by the other release', async () => {
  const { bad, good, port } = await startPair(stage)
  const idle = await openConnection(port)
  expect((await idle.ask('/')).body).toBe('bad\n')
  const busy = await openConnection(port)
  const slow = busy.ask('/wait')
  await until('the slow request', async () => (await bad.status()).inFlight === 1)

  await bad.drain(good.app)
  expect(await bad.status()).toMatchObject({ state: 'draining', connections: 2 })
  const forwarded = await idle.ask('/')
  expect([forwarded.body, forwarded.headers.connection]).toEqual(['good\n', 'close'])
  bad.go()
  const finished = await slow
  expect([finished.body, finished.headers.connection]).toEqual(['bad\n', 'close'])
  await bad.reach('drained')
  expect(await bad.status()).toMatchObject({
    forwarded: 1,
    inFlight: 0,
    connections: 0,
    counters: { requests: 2 },
  })
  expect((await good.status()).counters.requests).toBe(1)
})

test('a stream that began before the drain is kept alive, and the request after it is forwarded', async () => {
  const { bad, good, port } = await startPair(stage)
  const connection = await openConnection(port)
  const drip = connection.ask('/drip?wait')
  await until('the first bytes', () => connection.bytes > 0)
  await bad.drain(good.app)
  bad.go()
  expect(await drip).toMatchObject({ body: 'first\nlast\n', headers: { connection: 'keep-alive' } })
  expect((await connection.ask('/')).body).toBe('good\n')
  await bad.reach('drained')
})

test('without targets a draining process answers itself and closes', async () => {
  const { bad, port } = await startPair(stage)
  const connection = await openConnection(port)
  await connection.ask('/')
  await bad.drain()
  expect(await connection.ask('/')).toMatchObject({ body: 'bad\n', headers: { connection: 'close' } })
  await bad.reach('drained')
  expect(await bad.status()).toMatchObject({ forwarded: 0, counters: { requests: 2 } })
})

test('targets that do not answer are passed over; with none left the process answers itself', async () => {
  const { bad, good, port } = await startPair(stage)
  const [one, two] = [await openConnection(port), await openConnection(port)]
  await one.ask('/')
  await two.ask('/')
  await bad.drain(`${stage.folder}/nobody.app`, good.app)
  expect((await one.ask('/')).body).toBe('good\n')
  await good.stop()
  expect((await two.ask('/hash', { method: 'POST', body: 'all of it' })).body).toContain('"bytes":9')
  await bad.reach('drained')
  expect(await bad.status()).toMatchObject({ forwarded: 1, counters: { requests: 3 } })
})

test('requests go round the targets', async () => {
  const { bad, good, port } = await startPair(stage)
  stage.hold('other')
  const other = stage.start({ release: 'other', env: { PORT: String(port) } })
  await other.reach('holding')
  const connections = await Promise.all([1, 2, 3, 4].map(() => openConnection(port)))
  for (const connection of connections) await connection.ask('/')
  await bad.drain(good.app, other.app)
  const answers = []
  for (const connection of connections) answers.push((await connection.ask('/')).body)
  expect(answers.sort()).toEqual(['good\n', 'good\n', 'other\n', 'other\n'])
})

/** What comes over one raw connection until it ends. */
async function readAll(socket: net.Socket): Promise<string> {
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await once(socket, 'close')
  return text
}

const bodies = (text: string) => [...text.matchAll(/\r\n\r\n(bad|good)\n/g)].map(([, name]) => name)

const get = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`

test('pipelined requests are all answered in order, and only the last answer closes', async () => {
  const { bad, good, port } = await startPair(stage)
  const inFlight = (count: number) =>
    until(`${count} in flight`, async () => (await bad.status()).inFlight === count)
  const socket = net.connect(port)
  const all = readAll(socket)
  socket.write(get('/wait'))
  await inFlight(1)
  await bad.drain(good.app)
  socket.write(get('/') + get('/slow?ms=50') + get('/'))
  await inFlight(4)
  bad.go()
  const text = await all
  expect(bodies(text)).toEqual(['bad', 'good', 'good', 'good'])
  expect(text.match(/Connection: close/g)).toHaveLength(1)
  await bad.reach('drained')
})

test('a websocket-like upgrade is passed on as bytes, with the address of the client', async () => {
  const { bad, good, port } = await startPair(stage, { env: { UPGRADE: '1' } })
  const socket = net.connect(port)
  socket.write(get('/'))
  await once(socket, 'data')
  await bad.drain(good.app)
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  socket.write(
    'GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-LastGood-Forwarded: liar\r\n\r\nhead',
  )
  await until('the echo', () => text.endsWith('good:head'))
  expect(text).toContain('101 Switching')
  socket.write('more')
  await until('the echo', () => text.endsWith('good:headmore'))
  expect((await bad.status()).state).toBe('draining')
  expect(await good.tells('upgrade')).toMatchObject({
    leaked: null,
    remoteAddress: expect.stringContaining('127.0.0.1'),
  })
  socket.destroy()
  await bad.reach('drained')
})

test('an upgraded connection from before the drain stays until it ends', async () => {
  const { bad, good, port } = await startPair(stage, { env: { UPGRADE: '1' } })
  const socket = net.connect(port)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  await once(socket, 'data')
  await bad.drain(good.app)
  socket.write('still here')
  expect(String((await once(socket, 'data'))[0])).toContain('still here')
  expect((await bad.status()).state).toBe('draining')
  socket.destroy()
  await bad.reach('drained')
})

test('an upgrade that no target takes is answered by the draining process', async () => {
  const { bad, port } = await startPair(stage, { env: { UPGRADE: '1' } })
  const socket = net.connect(port)
  socket.write(get('/'))
  await once(socket, 'data')
  await bad.drain(`${stage.folder}/nobody.app`)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')
  let text = ''
  socket.on('data', (chunk) => {
    text += chunk
  })
  await until('the echo', () => text.endsWith('bad:'))
  socket.destroy()
})

test('the switch under load: no failed request, and nothing sent after it is answered by the drained one', async () => {
  const { bad, good, port } = await startPair(stage, { held: false })
  const agent = new http.Agent({ keepAlive: true, maxSockets: 16 })
  let [stop, failed, late, all, switchedAt] = [false, 0, 0, 0, Number.POSITIVE_INFINITY]
  const loop = async (i: number) => {
    while (!stop) {
      const sentAt = performance.now()
      const path = i % 3 === 0 ? '/slow?ms=60' : '/'
      // One process for the port: until the other one listens, new connections are refused. That is not the agent's.
      const answer = await ask({ port, agent, path }).catch((error) =>
        error.code === 'ECONNREFUSED' ? null : false,
      )
      if (answer === null) continue
      all++
      if (!answer) failed++
      else if (answer.body !== 'good\n' && sentAt > switchedAt) late++
    }
  }
  const loops = Array.from({ length: 16 }, (_, i) => loop(i))
  await until('load', () => all > 500)
  await bad.drain(good.app)
  switchedAt = performance.now()
  expect((await good.activate({ retryMs: 5000 })).code).toBe(200)
  await until('more load', () => all > 1500)
  stop = true
  await Promise.all(loops)
  agent.destroy()
  expect({ failed, late }).toEqual({ failed: 0, late: 0 })
  await bad.reach('drained')
})

test('a server that the app closes while it drains really closes', async () => {
  const { bad, good, port } = await startPair(stage, { env: { ON_SIGINT: '1' } })
  const connection = await openConnection(port)
  const slow = connection.ask('/wait')
  await until('in flight', async () => (await bad.status()).inFlight === 1)
  await bad.drain(good.app)
  const ended: Promise<unknown> = bad.stop('SIGINT')
  bad.go()
  expect((await slow).body).toBe('bad\n')
  expect(await ended).toEqual({ code: 0, signal: null })
  expect(bad.told('close')).toHaveLength(1)
})

test('the targets can be changed during a drain', async () => {
  const { bad, good, port } = await startPair(stage)
  const connection = await openConnection(port)
  await connection.ask('/')
  await bad.drain()
  await bad.drain(good.app)
  expect((await connection.ask('/')).body).toBe('good\n')
})

test('activating a draining process: kept connections are its own again', async () => {
  const { bad, good, port } = await startPair(stage)
  const connection = await openConnection(port)
  await connection.ask('/')
  await bad.drain(good.app)
  const again: App = bad
  expect((await again.activate()).body.state).toBe('listening')
  expect(await connection.ask('/')).toMatchObject({ body: 'bad\n', headers: { connection: 'keep-alive' } })
})
