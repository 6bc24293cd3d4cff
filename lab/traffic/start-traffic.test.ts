import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, vi } from 'vitest'
import { preciseNow } from './sample.ts'
import { startTraffic, type Traffic } from './start-traffic.ts'

const opened: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).reverse()) await close()
})

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  opened.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function shopAt(url: string, rate = 200, timeoutMs = 20_000): Promise<Traffic> {
  const traffic = await startTraffic({ url, rate, timeoutMs })
  opened.push(traffic.stop)
  return traffic
}

it('sends at the rate asked for, from its own process, on the clock of this one', async () => {
  const url = await serve((_request, response) => {
    response.setHeader('x-version', '9.9.9').end('{}')
  })
  const began = preciseNow()
  const traffic = await shopAt(url)
  const flowing = () => {
    const { totals, byVersion } = traffic.recent()
    expect(totals.requests).toBeGreaterThan(150)
    expect(byVersion['9.9.9']).toBeGreaterThan(50)
  }
  await vi.waitFor(flowing, { timeout: 30_000 })
  const marked = traffic.mark('enough')
  const samples = await traffic.stop()
  const [first, last] = [samples[0]?.at ?? 0, samples.at(-1)?.at ?? 0]
  expect(first).toBeGreaterThan(began)
  expect(Math.abs(last - marked)).toBeLessThan(20_000)
  expect(samples.length / ((last - first) / 1000)).toBeGreaterThan(180)
  expect(new Set(samples.map(({ route }) => route)).size).toBeGreaterThan(3)
  expect(await traffic.stop()).toBe(samples)
})

it('records a reset connection and never tries again', async () => {
  let received = 0
  const url = await serve((request, response) => {
    received++
    if (received % 5 === 0) request.socket.destroy()
    else response.end('{}')
  })
  const traffic = await shopAt(url)
  await vi.waitFor(() => expect(traffic.recent().totals.failed).toBeGreaterThan(10), { timeout: 30_000 })
  // What still waited for a free connection at the end was never sent.
  const samples = (await traffic.stop()).filter(({ error }) => error !== 'UNSENT')
  expect(samples.length).toBe(received)
  const failed = samples.filter(({ status }) => status === 0)
  expect(failed.length).toBe(Math.floor(received / 5))
  expect(new Set(failed.map(({ error }) => error))).toEqual(new Set(['ECONNRESET']))
})

it('sends on when nobody answers: what hangs, and what waits behind it, is failed', async () => {
  const url = await serve(() => {})
  const traffic = await shopAt(url, 400, 1_000)
  await vi.waitFor(() => expect(traffic.recent().totals.failed).toBeGreaterThan(0), { timeout: 30_000 })
  const samples = await traffic.stop()
  expect(samples.every(({ status }) => status === 0)).toBe(true)
  expect(new Set(samples.map(({ error }) => error))).toEqual(new Set(['TIMEOUT', 'UNSENT']))
})
