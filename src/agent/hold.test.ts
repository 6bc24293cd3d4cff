import { existsSync, rmSync, statSync } from 'node:fs'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, control, freePort, Stage, until } from '../../test/fixtures/agent/harness.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

const isRefused = (port: number, host = '127.0.0.1') =>
  ask({ port, host }).then(
    () => false,
    (error) => error.code === 'ECONNREFUSED',
  )

test('without a hold marker the app listens by itself', async () => {
  const port = await freePort()
  const app = stage.start({ env: { PORT: String(port) } })
  await app.tells('callback')
  expect(await app.status()).toMatchObject({ protocol: 1, release: 'r1', state: 'listening', ports: [port] })
  expect((await ask({ port })).body).toBe('r1\n')
})

test('a held app does not listen, answers on its private socket, and listens when activated', async () => {
  stage.hold('r1')
  const port = await freePort()
  const app = stage.start({ env: { PORT: String(port) } })
  await app.reach('holding')
  expect(await isRefused(port)).toBe(true)
  expect(app.told('called')).toEqual([{ event: 'called', chained: true, listening: false }])
  expect((await ask({ socketPath: app.app, path: '/status?code=201' })).status).toBe(201)
  expect(JSON.parse((await ask({ socketPath: app.app, path: '/info' })).body)).toMatchObject({
    ...{ by: 'r1', remoteAddress: '127.0.0.1', remoteFamily: 'IPv4', encrypted: false },
  })
  expect(app.told('listening')).toEqual([])

  const { code, body } = await app.activate()
  expect([code, body.state, body.counters.requests]).toEqual([200, 'listening', 0])
  expect((await ask({ port })).body).toBe('r1\n')
  expect(app.told('listening')).toHaveLength(1)
  expect(app.told('callback')).toHaveLength(1)
})

test('the sockets are private files, and go when the process ends by itself', async () => {
  const app = stage.start({ env: { ON_SIGINT: '1' } })
  await app.tells('listening')
  for (const path of [app.ctl, app.app]) expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(await app.stop('SIGINT')).toEqual({ code: 0, signal: null })
  for (const path of [app.ctl, app.app]) expect(existsSync(path)).toBe(false)
})

const variants: [string, (port: number) => unknown[]][] = [
  ['port', (port) => [port]],
  ['port as text', (port) => [String(port)]],
  ['port, host', (port) => [port, '127.0.0.1']],
  ['port, backlog', (port) => [port, 64]],
  ['port, host, backlog', (port) => [port, '127.0.0.1', 64]],
  ['options', (port) => [{ port, host: 'localhost' }]],
]

test.each(variants)('listen(%s) can be held and activated', async (_, args) => {
  stage.hold('r1')
  const port = await freePort()
  const app = stage.start({ env: { LISTEN: JSON.stringify(args(port)) } })
  await app.reach('holding')
  expect((await app.activate()).code).toBe(200)
  expect((await ask({ port, host: 'localhost' })).body).toBe('r1\n')
})

test('port 0 keeps its number over a drain', async () => {
  stage.hold('r1')
  const app = stage.start()
  await app.reach('holding')
  const [port] = (await app.activate()).body.ports
  expect(port).toBeGreaterThan(0)
  await app.drain()
  await app.reach('drained')
  expect((await app.activate()).body.ports).toEqual([port])
})

test('a wrong port is refused by Node as ever', async () => {
  stage.hold('r1')
  const app = stage.start({ env: { LISTEN: '[70000]' } })
  await until('end', () => app.child.exitCode)
  expect(app.stderr).toContain('ERR_SOCKET_BAD_PORT')
})

test('servers of one process are held and activated together, also one that comes later; pipes are left alone', async () => {
  stage.hold('r1')
  const port = await freePort()
  const tcp = await freePort()
  const env = { PORT: String(port), TCP_PORT: String(tcp), PIPE: `${stage.folder}/own.sock` }
  const app = stage.start({ fixture: 'two-servers.cjs', env })
  await app.reach('holding')
  await app.tells('pipe')
  expect(await isRefused(tcp)).toBe(true)
  expect((await app.activate()).body.state).toBe('listening')
  await app.tells('second')
  expect((await ask({ port, host: '127.0.0.2' })).body).toBe('r1\n')
  const socket = net.connect(tcp)
  socket.write('ping')
  expect(String(await new Promise((resolve) => socket.once('data', resolve)))).toBe('ping')
  socket.destroy()

  await app.drain()
  await app.reach('drained')
  for (const host of ['127.0.0.1', '127.0.0.2']) expect(await isRefused(port, host)).toBe(true)
  expect((await app.activate()).body.ports).toHaveLength(3)
  for (const host of ['127.0.0.1', '127.0.0.2']) expect((await ask({ port, host })).body).toBe('r1\n')
})

test('a port that is taken: refused with the reason, still holding; later it works, and the callback runs once', async () => {
  stage.hold('r2')
  const port = await freePort()
  const first = stage.start({ env: { PORT: String(port) } })
  await first.tells('listening')
  const second = stage.start({ release: 'r2', env: { PORT: String(port) } })
  await second.reach('holding')
  const refused = await second.activate({ retryMs: 50 })
  expect([refused.code, refused.body.error]).toEqual([409, expect.stringContaining('EADDRINUSE')])
  expect(await second.status()).toMatchObject({
    state: 'holding',
    error: expect.stringContaining('EADDRINUSE'),
  })

  const patient = second.activate({ retryMs: 5000 })
  await first.drain()
  expect((await patient).body).toMatchObject({ state: 'listening', error: null })
  expect((await ask({ port })).body).toBe('r2\n')
  expect([second.told('callback').length, second.told('listening').length]).toEqual([1, 1])
  expect(second.stderr).toBe('')
})

test('a drain ends an activate that is still waiting', async () => {
  stage.hold('r1')
  const blocker = net.createServer().listen(0)
  const { port } = blocker.address() as net.AddressInfo
  const app = stage.start({ env: { PORT: String(port) } })
  await app.reach('holding')
  const patient = app.activate({ retryMs: 60_000 })
  const together = app.activate({ retryMs: 60_000 })
  expect((await app.drain()).body.state).toBe('holding')
  expect((await patient).code).toBe(409)
  expect((await together).code).toBe(409)
  blocker.close()
})

test('a held app ends clean on SIGINT, though its server never listened', async () => {
  stage.hold('r1')
  const app = stage.start({ env: { ON_SIGINT: '1' } })
  await app.reach('holding')
  expect(await app.stop('SIGINT')).toEqual({ code: 0, signal: null })
  expect(app.told('close')).toHaveLength(1)
})

test('nobody can activate any more: when the folder is gone, a held app listens', async () => {
  stage.hold('r1')
  const port = await freePort()
  const app = stage.start({ env: { PORT: String(port) } })
  await app.reach('holding')
  rmSync(stage.run, { recursive: true })
  await app.tells('listening')
  expect((await ask({ port })).body).toBe('r1\n')
})

test('a control socket that somebody removed is made again while holding', async () => {
  stage.hold('r1')
  const app = stage.start()
  await app.reach('holding')
  rmSync(app.ctl)
  await app.reach('holding')
  expect((await app.activate()).body.state).toBe('listening')
})

test('bad commands are refused', async () => {
  const app = stage.start()
  await app.tells('listening')
  expect((await control(app.ctl, 'GET', '/nothing')).code).toBe(404)
  expect((await control(app.ctl, 'POST', '/activate', { retryMs: 'soon' })).code).toBe(400)
  expect((await control(app.ctl, 'POST', '/drain', { to: 'all' })).code).toBe(400)
  expect((await control(app.ctl, 'POST', '/drain', ['x'])).code).toBe(400)
  expect((await ask({ socketPath: app.ctl, method: 'POST', path: '/drain', body: '{' })).status).toBe(400)
  expect((await app.status()).state).toBe('listening')
})
