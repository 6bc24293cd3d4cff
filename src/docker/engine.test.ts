import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Engine } from './engine.ts'

const NOBODY = 65_534
const isRoot = process.getuid?.() === 0
/** Of an API from 1.44 on, as Docker 29's. */
const server = createServer(({ url = '' }, response) => {
  response.setHeader('content-type', 'application/json')
  if (!url.startsWith('/v1.40/')) return response.end('"OK"')
  const message = 'client version 1.40 is too old. Minimum supported API version is 1.44, please upgrade'
  response.writeHead(400).end(JSON.stringify({ message }))
})
let folder: string
let socket: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lastgood-engine-'))
  await chmod(folder, 0o755)
  socket = join(folder, 'docker.sock')
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  // Docker's own is open to a group as well, which this process may be in.
  await chmod(socket, 0o600)
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

test.skipIf(!isRoot)('a user without the right to the socket is told which group has it', async () => {
  process.seteuid?.(NOBODY)
  try {
    await expect(new Engine(`unix://${socket}`).call('GET', '/_ping')).rejects.toMatchObject({
      code: 'RUNTIME_DENIED',
      exit: 15,
      params: { fix: expect.stringMatching(/usermod -aG docker/) },
    })
  } finally {
    process.seteuid?.(0)
  }
})

test('an engine that is not there is said to be down', async () => {
  await expect(new Engine(`unix://${socket}.gone`).call('GET', '/_ping')).rejects.toMatchObject({
    code: 'RUNTIME_DOWN',
    params: { detail: expect.stringContaining('ENOENT') },
  })
})

test('an engine that takes no old version of its API is asked in one that it takes, by all that ask at once', async () => {
  const engine = new Engine(`unix://${socket}`)
  const asked = await Promise.all(['/_ping', '/_ping', '/_ping'].map((path) => engine.ask('GET', path)))
  expect(asked).toEqual(['OK', 'OK', 'OK'])
})
