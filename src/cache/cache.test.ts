import { createServer } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startRedis } from '../../lab/redis/start-redis.ts'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import type { CacheConfiguration } from '../domain/cache-configuration.ts'
import { createCachePurger } from './create-cache-purger.ts'
import { openRedis, type RedisConnection } from './redis-connection.ts'
import { encodeCommand, parseReply, RedisError } from './resp.ts'

let lab: Lab
let redis: Awaited<ReturnType<typeof startRedis>>
let client: RedisConnection
const never = new AbortController().signal

beforeAll(async () => {
  lab = await openLab({ name: 'cache' })
  redis = await startRedis(lab)
  client = await openRedis(redis.url, never)
})
afterAll(async () => {
  client?.close()
  await lab.close()
})

const launch = { directory: '/', env: { PATH: process.env.PATH ?? '', WORD: 'of the release' } }

function purge(changes: Partial<CacheConfiguration>, timeoutMs = 20_000) {
  const cache = { redis: [], http: [], commands: [], timeoutMs, ...changes }
  return createCachePurger(cache, new ExecaRunner()).purge(launch, never)
}

test('keys with the prefix go, and no other: not of another prefix, nor of another database', async () => {
  for (let i = 0; i < 2_500; i += 500) {
    const pairs = Array.from({ length: 500 }, (_, n) => [`product:${i + n}`, 'x']).flat()
    await client.send('MSET', ...pairs)
  }
  // What a pattern would take for a wildcard is a letter in a prefix; and any bytes may be a key.
  const others = ['session:1', 'productive', 'p*d:1', 'pad:1', 'product', 'caf\u00e9:1']
  await client.send('MSET', ...others.flatMap((key) => [Buffer.from(key).toString('latin1'), 'y']))
  await client.send('SELECT', '2')
  await client.send('SET', 'product:1', 'of somebody else')
  await client.send('SELECT', '1')

  const prefixes = ['product:', 'p*d:', 'caf\u00e9:']
  const results = await purge({ redis: [{ url: redis.url, prefixes }] })
  expect(results.map(({ ok, keys }) => [ok, keys])).toEqual([
    [true, 2_500],
    [true, 1],
    [true, 1],
  ])
  expect(JSON.stringify(results)).not.toContain(redis.password)
  expect((await client.send('KEYS', '*')) as string[]).toHaveLength(4)
  const again = await purge({ redis: [{ url: redis.url, prefixes }] })
  expect(again.map(({ keys }) => keys)).toEqual([0, 0, 0])
  await client.send('SELECT', '2')
  expect(await client.send('GET', 'product:1')).toBe('of somebody else')
})

test('a server that refuses, is not there, is no Redis, or never answers is a finding with its reason, and in time', async () => {
  const http = createServer(() => {}).listen(0, '127.0.0.1')
  const mute = await listening(http)
  const prefixes = ['a']
  const port = await lab.freePort()
  const at = (...urls: string[]) => urls.map((url) => ({ url, prefixes }))
  const answering = at(redis.url.replace(redis.password, 'wrong'), `redis://127.0.0.1:${port}`)
  const silent = at(`redis://127.0.0.1:${mute}`)
  const results = [...(await purge({ redis: answering })), ...(await purge({ redis: silent }, 500))]
  expect(results.map(({ ok }) => ok)).toEqual([false, false, false])
  expect(results[0]?.detail).toMatch(/WRONGPASS/)
  expect(results[1]?.detail).toMatch(/ECONNREFUSED/)
  expect(results[2]?.detail).toMatch(/took too long|not that of a Redis/)
  const check = async (servers: typeof silent, timeoutMs: number) => {
    const cache = { redis: servers, http: [], commands: [], timeoutMs }
    return (await createCachePurger(cache, new ExecaRunner()).check(never)).map(({ ok }) => ok)
  }
  expect(await check([...answering, ...at(redis.url)], 20_000)).toEqual([false, false, true])
  expect(await check(silent, 500)).toEqual([false])
  http.closeAllConnections()
  http.close()
})

test('an HTTP cache is asked as configured; a command runs as the release', async () => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers['x-token']}`)
    response.statusCode = request.url === '/no' ? 500 : request.url === '/gone' ? 404 : 204
    response.end()
  }).listen(0, '127.0.0.1')
  const base = `http://127.0.0.1:${await listening(server)}`
  const http = ['/all?key=1', '/gone', '/no'].map((path) => ({
    method: 'PURGE',
    url: base + path,
    headers: { 'x-token': 'secret-token' },
  }))
  const commands = [
    ['node', '-e', 'process.exit(process.env.WORD === "of the release" && process.cwd() === "/" ? 0 : 1)'],
    ['node', '-e', 'process.exit(3)'],
  ]
  const results = await purge({ http, commands })
  server.close()
  expect(asked.sort()).toEqual([
    'PURGE /all?key=1 secret-token',
    'PURGE /gone secret-token',
    'PURGE /no secret-token',
  ])
  expect(results.map(({ ok, detail }) => [ok, detail])).toEqual([
    [true, 'status 204'],
    [true, 'status 404'],
    [false, 'status 500'],
    [true, 'exit code 0'],
    [false, 'exit code 3'],
  ])
  expect(JSON.stringify(results)).not.toContain('secret-token')
})

test('an answer that comes in pieces is put together, wherever it is cut', () => {
  const whole = Buffer.from('*3\r\n$5\r\na\r\nbc\r\n:42\r\n*2\r\n$-1\r\n-ERR no\r\n')
  for (let cut = 0; cut < whole.length; cut++) expect(parseReply(whole.subarray(0, cut))).toBeNull()
  expect(parseReply(whole)).toEqual({
    reply: ['a\r\nbc', 42, [null, new RedisError('ERR no')]],
    next: whole.length,
  })
  expect(() => parseReply(Buffer.from('HTTP/1.1 400\r\n'))).toThrow('not that of a Redis')
  expect(encodeCommand(['SET', 'a\r\nDEL b']).toString()).toBe('*2\r\n$3\r\nSET\r\n$8\r\na\r\nDEL b\r\n')
})

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once('listening', resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}
