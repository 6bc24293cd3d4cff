import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import type { SignalSettings } from '../domain/watch-configuration.ts'
import { createEndpointSignals } from './endpoint-signals.ts'
import { createPrometheusSignals, parseAnswer, queryFor } from './prometheus-signals.ts'

const clock = { now: () => 77_000 }
const settings: SignalSettings = { ...DEFAULT_WATCH.signals, timeoutMs: 20_000 }

const PAGE = `# TYPE http_requests_total counter
http_requests_total{route="/a",status="200",release="r1"} 10
http_requests_total{route="/a",status="503",release="r1"} 2
http_requests_total{route="/metrics",status="200",release="r1"} 99
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{route="/a",release="r1",le="0.1"} 7
http_request_duration_seconds_bucket{route="/a",release="r1",le="+Inf"} 12
process_start_time_seconds{release="r1"} 12.5
process_resident_memory_bytes{release="r1"} 4096
logins{release="r1"} 3
`
const READ = {
  at: 77_000,
  startedAt: 12_500,
  answered: true,
  requests: 12,
  errors: 2,
  latency: { le: [100], count: [7, 5] },
  waiting: null,
  abandoned: null,
  rss: 4096,
  connections: null,
  sessions: null,
}

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

async function serve(answer: RequestListener, socket?: string): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  if (socket === undefined) server.listen(0, '127.0.0.1')
  else server.listen(socket)
  await once(server, 'listening')
  return socket ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const text =
  (body: string, status = 200): RequestListener =>
  (_, response) =>
    response.writeHead(status).end(body)

const endless: RequestListener = (_, response) => {
  const chunk = Buffer.alloc(64 * 1024, '# a comment that never ends\n')
  const more = () => {
    while (response.write(chunk));
  }
  response.on('drain', more)
  more()
}

async function scrape(answer: RequestListener, changes: Partial<SignalSettings> = {}) {
  const url = `${await serve(answer)}/metrics`
  const read = await createEndpointSignals({
    settings: { ...settings, ...changes, url },
    instances: async () => [],
    clock,
  }).read()
  return { read, host: new URL(url).host, url }
}

test('a page tells release and instance by its labels', async () => {
  // Where the page is, the url says; path is for pages that are asked in private.
  const { read, host } = await scrape(text(PAGE), { sessions: 'logins', path: '/elsewhere' })
  expect(read).toEqual({
    ok: true,
    readings: [{ ...READ, instance: host, release: 'r1', sessions: 3 }],
    problems: [],
  })
})

test('other names of metrics and labels, and headers to get in', async () => {
  const page = `# TYPE hits counter
hits{code="2xx",v="r1",pod="a"} 4
hits{code="5xx",v="r1",pod="a"} 1
hits{code="2xx",v="r2",pod="b"} 1
`
  let authorization: string | undefined
  const { read } = await scrape(
    (request, response) => {
      authorization = request.headers.authorization
      response.end(page)
    },
    {
      headers: { authorization: 'Bearer x' },
      requests: 'hits_total',
      duration: 'took',
      statusLabel: 'code',
      errorStatus: '5xx',
      releaseLabel: 'v',
      instanceLabel: 'pod',
    },
  )
  // OpenMetrics describes hits and counts hits_total.
  expect(read).toMatchObject({ ok: true, readings: [] })
  const again = await scrape(text(page.replaceAll('hits{', 'hits_total{')), {
    requests: 'hits_total',
    statusLabel: 'code',
    errorStatus: '5xx',
    releaseLabel: 'v',
    instanceLabel: 'pod',
  })
  expect(again.read).toMatchObject({
    ok: true,
    readings: [
      { instance: 'a', release: 'r1', requests: 5, errors: 1, latency: null },
      { instance: 'b', release: 'r2', requests: 1, errors: 0, latency: null },
    ],
    problems: ['there is no histogram http_request_duration_seconds (watch.signals.duration)'],
  })
  expect(authorization).toBe('Bearer x')
})

test('without a label for the release it convicts nobody, without one for the status it tells no errors', async () => {
  const { read } = await scrape(text(PAGE), { releaseLabel: 'version', statusLabel: 'code' })
  expect(read).toMatchObject({
    ok: true,
    readings: [{ release: null, requests: 12, errors: 0 }],
    problems: ['http_requests_total has no label code: errors cannot be told'],
  })
})

test.each<[string, RequestListener, string]>([
  ['hangs', () => {}, 'no answer within 300 ms'],
  ['stops half way', (_, response) => void response.write('http_'), 'no answer within 300 ms'],
  ['never ends', endless, 'more than 8 MB'],
  [
    'is HTML',
    text('<!DOCTYPE html>'),
    'it is no metrics page: line 1, no metric begins like this: <!DOCTYPE html>',
  ],
  ['is empty', text(''), 'it has no http_requests_total (watch.signals.requests)'],
  ['is not there', text('', 404), 'status 404'],
  ['is elsewhere', text('', 302), 'status 302'],
  [
    'breaks off',
    (_, response) => response.write('a 1\n', () => response.destroy()),
    'the answer broke off: aborted',
  ],
])('a page that %s is no evidence', async (_, answer, why) => {
  const { read, url } = await scrape(answer, why.includes('300') ? { timeoutMs: 300 } : {})
  expect(read).toEqual({ ok: false, detail: `${url}: ${why}` })
})

test('a service that is not there is no evidence', async () => {
  const url = `${await serve(text(PAGE))}/metrics`
  servers[0]?.close()
  await once(servers[0] as Server, 'close')
  const signals = createEndpointSignals({ settings: { ...settings, url }, instances: async () => [], clock })
  expect(await signals.read()).toEqual({ ok: false, detail: `${url}: ECONNREFUSED` })
})

test('in private each instance has a page of its own; which one it is, its socket tells', async () => {
  const at = (name: string) => join(folder, `${name}.app`)
  await serve(text(PAGE.replaceAll(',release="r1"', ',pid="x"')), at('1'))
  await serve(() => {}, at('2'))
  await serve(text('<html>'), at('3'))
  await serve(
    text('# TYPE http_requests_total counter\n# TYPE http_request_duration_seconds histogram\n'),
    at('5'),
  )
  const instances = async () =>
    [1, 2, 3, 4, 5].map((pid) => ({ release: `r${pid}`, pid, socketPath: at(`${pid}`) }))
  // One of them never answers, and all are asked side by side.
  const read = await createEndpointSignals({
    settings: { ...settings, timeoutMs: 1_000 },
    instances,
    clock,
  }).read()
  expect(read).toMatchObject({
    ok: true,
    readings: [
      { ...READ, instance: '1', release: 'r1' },
      { instance: '2', release: 'r2', answered: false },
      { instance: '5', release: 'r5', answered: true, requests: 0 },
    ],
    problems: ['/metrics of r3 (3): it is no metrics page: line 1, no metric begins like this: <html>'],
  })
  const only = async (pid: number) => (await instances()).slice(pid - 1, pid)
  expect(await createEndpointSignals({ settings, instances: () => only(3), clock }).read()).toMatchObject({
    ok: false,
  })
  expect(await createEndpointSignals({ settings, instances: () => only(4), clock }).read()).toEqual({
    ok: true,
    readings: [],
    problems: ['no instance can be asked in private: none runs, or without agent'],
  })
})

test('asks a Prometheus for the raw series of one service, and never for a rate', () => {
  expect(queryFor({ ...settings, sessions: 'logins' })).toBe(
    '{__name__=~"http_requests_total|http_request_duration_seconds_bucket|process_start_time_seconds|process_resident_memory_bytes|logins|up"}',
  )
  expect(queryFor({ ...settings, selector: 'job="a"' })).toMatch(/\|up", job="a"\}$/)
})

const vector = (...result: unknown[]) => ({ status: 'success', data: { resultType: 'vector', result } })

test.each([
  ['<html>', 'its answer is no JSON'],
  ['{}', 'its answer has no status'],
  [JSON.stringify({ status: 'error', errorType: 'bad_data', error: 'parse error' }), 'parse error'],
  [JSON.stringify({ status: 'success', data: {} }), 'its answer has no result'],
  [JSON.stringify({ ...vector(), warnings: ['a store is away'] }), 'it warns: a store is away'],
  [JSON.stringify(vector({ metric: {}, value: [1, '2'] })), 'a series in its answer has no value'],
  [JSON.stringify(vector({ metric: { __name__: 'a' } })), 'a series in its answer has no value'],
])('an answer that is not whole is no evidence: %s', (answer, why) => {
  expect(parseAnswer(answer)).toEqual({ ok: false, why })
})

test('a Prometheus that knows nothing of the service says so', async () => {
  const url = await serve(text(JSON.stringify(vector())))
  const signals = createPrometheusSignals({ settings: { ...settings, url, selector: 'job="a"' }, clock })
  expect(await signals.read()).toEqual({
    ok: false,
    detail: `${url}: it has no http_requests_total{job="a"} now`,
  })
})
