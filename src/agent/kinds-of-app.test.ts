import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import https from 'node:https'
import net from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ask, control, freePort, Stage, until } from '../../test/fixtures/agent/harness.ts'
import { openConnection, startPair } from '../../test/fixtures/agent/pair.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

test('an ES module app is held, activated and drained; its top-level await goes on', async () => {
  const { bad, good, port } = await startPair(stage, { fixture: 'esm.mjs' })
  const client = await openConnection(port)
  await client.ask('/')
  await bad.drain(good.app)
  expect((await client.ask('/')).body).toBe('good\n')
  await bad.reach('drained')
  expect(good.told('awaited')).toEqual([])
  expect((await good.activate()).code).toBe(200)
  await good.tells('awaited')
  expect((await ask({ port })).body).toBe('good\n')
})

function makeCertificate(folder: string) {
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`]
  const subject = ['-subj', '/CN=localhost', '-days', '2']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', ['req', '-x509', ...curve, ...subject, '-keyout', key, '-out', cert], {
    stdio: 'ignore',
  })
  return { TLS_KEY: key, TLS_CERT: cert }
}

test('an https app: probed in plain text, drained, forwarded, and it always believes it is encrypted', async () => {
  const env = makeCertificate(stage.folder)
  const { bad, good, port } = await startPair(stage, { fixture: 'https.cjs', env })
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false })
  const client = await openConnection(port, https.request, { agent })
  expect((await client.ask('/')).body).toBe('bad\n')
  const probe = await ask({ socketPath: good.app, path: '/info' })
  expect(JSON.parse(probe.body)).toMatchObject({ by: 'good', encrypted: true })
  await bad.drain(good.app)
  const { body } = await client.ask('/info')
  expect(JSON.parse(body)).toMatchObject({
    by: 'good',
    encrypted: true,
    remoteAddress: expect.stringContaining('127.0.0.1'),
  })
  await bad.reach('drained')
  expect((await good.activate()).body.state).toBe('listening')
  expect((await client.ask('/')).body).toBe('good\n')
  expect((await good.status()).counters.requests).toBe(2)
  agent.destroy()
})

test("workers of the app's own cluster are held each by itself; a failed try does not part them from the others", async () => {
  stage.hold('r1')
  const port = await freePort()
  const primary = stage.start({ fixture: 'own-cluster.cjs', env: { PORT: String(port) } })
  const workers = await until('two workers', () => {
    const found = readdirSync(stage.run).filter(
      (name) => name.endsWith('.ctl') && !name.includes(`-${primary.child.pid}.`),
    )
    return found.length === 2 ? found.map((name) => `${stage.run}/${name}`) : null
  })
  const status = async (path: string) => (await control(path, 'GET', '/status')).body
  for (const path of workers) await until('holding', async () => (await status(path)).state === 'holding')

  // Somebody else has the port while one of them tries, many times.
  const blocker = net.createServer().listen(port)
  const [one = '', two = ''] = workers
  expect((await control(one, 'POST', '/activate', { retryMs: 100 })).code).toBe(409)
  blocker.close()
  expect((await control(two, 'POST', '/activate', {})).code).toBe(200)
  const answer = await control(one, 'POST', '/activate', { retryMs: 5_000 })
  expect(answer.body).toMatchObject({ state: 'listening', error: null })
  expect((await ask({ port })).body).toBe('r1\n')
  expect(primary.stderr).toBe('')
})

test('a thread and a forked helper have no agent: the helper listens while the service is held', async () => {
  stage.hold('r1')
  const helper = await freePort()
  const app = stage.start({ fixture: 'family.cjs', env: { HELPER_PORT: String(helper) } })
  await app.reach('holding')
  await app.tells('helper')
  await app.tells('thread')
  expect((await ask({ port: helper })).body).toBe('helper\n')
  expect(readdirSync(stage.run).filter((name) => name.endsWith('.ctl'))).toHaveLength(1)
})
