import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { activateAgent, drainAgent, listAgents } from './agent-client.ts'
import { createAgentSignals } from './agent-signals.ts'
import { forgetRelease, listSockets, readLastWords, setHold } from './run-folder.ts'

let folder: string
let servers: Server[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-'))
  servers = []
})
afterEach(async () => {
  for (const server of servers) server.close().closeAllConnections()
  await rm(folder, { recursive: true })
})

async function openAgent(name: string, answer: (url: string) => object | null): Promise<Server> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? '')
    if (body !== null) response.end(JSON.stringify(body))
  })
  servers.push(server)
  await once(server.listen(join(folder, `${name}.ctl`)), 'listening')
  return server
}

test('asks every agent, or those of one release alone', async () => {
  await openAgent(`r1-${process.pid}`, () => ({ state: 'listening' }))
  await openAgent(`r2-${process.pid}`, () => ({ state: 'holding' }))
  const states = async (release?: string) =>
    (await listAgents(folder, release)).map(({ socket, status }) => `${socket.release} ${status?.state}`)
  expect((await states()).sort()).toEqual(['r1 listening', 'r2 holding'])
  expect(await states('r2')).toEqual(['r2 holding'])
})

test('a process that does not answer is there all the same: its event loop is busy', async () => {
  await openAgent(`r1-${process.pid}`, () => null)
  expect(await listAgents(folder)).toMatchObject([{ socket: { release: 'r1' }, status: null }])
})

test('an answer that came while this process stood still is one', async () => {
  const at = new Int32Array(new SharedArrayBuffer(4))
  const [ASKED, STANDS_STILL, ANSWERED] = [1, 2, 3]
  const serve = `
    const { parentPort, workerData: { at, path } } = require('node:worker_threads')
    const server = require('node:http').createServer((_, response) => {
      Atomics.store(at, 0, ${ASKED})
      Atomics.wait(at, 0, ${ASKED})
      response.on('finish', () => Atomics.notify(at, 0, Atomics.store(at, 0, ${ANSWERED})))
      response.end('{"state":"listening"}')
    })
    server.listen(path, () => parentPort.postMessage('listening'))`
  const path = join(folder, `r1-${process.pid}.ctl`)
  const other = new Worker(serve, { eval: true, workerData: { at, path } })
  await once(other, 'message')
  const patienceMs = 1_000
  const asked = listAgents(folder, undefined, patienceMs)
  // Between two turns of the loop, the next of which begins with the timers.
  while (Atomics.load(at, 0) !== ASKED) await turn()
  Atomics.store(at, 0, STANDS_STILL)
  Atomics.notify(at, 0)
  Atomics.wait(at, 0, STANDS_STILL)
  Atomics.wait(at, 0, ANSWERED, patienceMs + 100)
  expect(await asked).toMatchObject([{ status: { state: 'listening' } }])
  await other.terminate()
})

test('what a dead process left is removed', async () => {
  // No pid is as high as this.
  const path = join(folder, 'r1-99999999.ctl')
  await writeFile(path, '')
  expect(await listAgents(folder)).toEqual([])
  expect(existsSync(path)).toBe(false)
})

test("a dead process's pid that is somebody else's by now is no instance of the service", async () => {
  const path = join(folder, `r1-${process.pid}.ctl`)
  const server = await openAgent(`r9-${process.pid}`, () => ({}))
  // A socket file whose listener is gone, as a killed process leaves it.
  await rename(join(folder, `r9-${process.pid}.ctl`), path)
  server.close()
  await once(server, 'close')
  expect(existsSync(path)).toBe(true)
  expect(await listAgents(folder)).toEqual([])
})

test('an answer that is an error says why', async () => {
  const server = createServer((_, response) => {
    response.writeHead(409).end('{"error":"EADDRINUSE 127.0.0.1:3000"}')
  })
  servers.push(server)
  await once(server.listen(join(folder, `r1-${process.pid}.ctl`)), 'listening')
  const [socket] = await listSockets(folder)
  if (socket === undefined) throw new Error('no socket')
  expect(await activateAgent(socket, 0)).toMatchObject({ ok: false, reason: 'EADDRINUSE 127.0.0.1:3000' })
  expect(await drainAgent(socket, [])).toMatchObject({ ok: false, unheard: false })
})

test('reads the counters of every agent, of an older one as far as it tells, and says who does not answer', async () => {
  const common = { startedAt: 5, connections: 2, rss: 9_000 }
  const counters = { requests: 10, '2xx': 6, '5xx': 3, aborted: 1 }
  await openAgent(`r1-${process.pid}`, () => ({
    ...common,
    counters,
    latency: { le: [1, 2], count: [3, 4, 2], waiting: [0, 1, 0], abandoned: [0, 0, 1] },
  }))
  await openAgent(`r2-${process.pid}`, () => ({ ...common, counters, latency: { le: [1], count: [9, 0] } }))
  await openAgent(`r3-${process.pid}`, () => null)
  await openAgent(`r4-${process.pid}`, () => ({}))
  const signals = createAgentSignals({ folder, timeoutMs: 1_000, clock: { now: () => 77 } })
  const read = await signals.read()
  if (!read.ok) throw new Error(read.detail)
  const common2 = { instance: `${process.pid}`, at: 77, sessions: null }
  const told = { startedAt: 5, answered: true, requests: 9, errors: 3, rss: 9_000, connections: 2 }
  const nothing = { requests: 0, errors: 0, latency: null, waiting: null, abandoned: null }
  expect(read.readings.sort((a, b) => `${a.release}`.localeCompare(`${b.release}`))).toEqual([
    {
      ...common2,
      ...told,
      release: 'r1',
      latency: { le: [1, 2], count: [3, 4, 2] },
      waiting: { le: [1, 2], count: [0, 1, 0] },
      abandoned: { le: [1, 2], count: [0, 0, 1] },
    },
    {
      ...common2,
      ...told,
      release: 'r2',
      latency: { le: [1], count: [9, 0] },
      waiting: null,
      abandoned: null,
    },
    { ...common2, ...nothing, release: 'r3', startedAt: null, answered: false, rss: null, connections: null },
    {
      ...common2,
      ...nothing,
      ...{ release: 'r4', startedAt: null, answered: true, requests: Number.NaN, errors: Number.NaN },
      rss: null,
      connections: null,
    },
  ])
  expect(read.problems).toEqual([])
})

test('no agent at all is said', async () => {
  const signals = createAgentSignals({ folder, timeoutMs: 200, clock: { now: () => 77 } })
  expect(await signals.read()).toEqual({
    ok: true,
    readings: [],
    problems: ['no instance has an agent: nothing runs, or it runs without'],
  })
})

test('a release that is forgotten leaves nothing in the folder', async () => {
  await setHold(folder, 'r1')
  await setHold(folder, 'r10')
  await writeFile(join(folder, 'r1.failed'), 'Error: no\n  at index.js:1\n')
  await writeFile(join(folder, 'r1-99999999.ctl'), '')
  expect(await readLastWords(folder, 'r1')).toEqual(['Error: no', '  at index.js:1'])
  await forgetRelease(folder, 'r1')
  expect(existsSync(join(folder, 'r1.hold'))).toBe(false)
  expect(existsSync(join(folder, 'r10.hold'))).toBe(true)
  expect(await readLastWords(folder, 'r1')).toEqual([])
  expect(await listSockets(folder)).toEqual([])
})
