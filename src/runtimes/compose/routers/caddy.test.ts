import { createServer } from 'node:http'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fake-clock.ts'
import { createCaddyRouter } from './caddy.ts'

/** An admin API that hangs up on the first so many that come. */
async function listen(hangUps: number): Promise<string> {
  let left = hangUps
  const server = createServer((request, response) => {
    left -= 1
    if (left >= 0) return void request.socket.destroy()
    response.end(request.url === '/id/store' ? '{"handler":"reverse_proxy","upstreams":[]}' : '[]')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

/** An admin API with these settings of its reverse_proxy, which takes no change. */
async function answer(handler: object): Promise<string> {
  const server = createServer((request, response) => {
    response.statusCode = request.method === 'GET' ? 200 : 405
    response.end(JSON.stringify(handler))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

test('a Caddy that hangs up while it takes over what it was told is asked again; one that does nothing else is down', async () => {
  const open = async (hangUps: number) =>
    createCaddyRouter({ admin: await listen(hangUps), id: 'store' }, createFakeClock())
  expect(await (await open(2)).obstacle()).toBeNull()
  expect(await (await open(1)).sendTo([], 0)).toBeUndefined()
  expect(await (await open(99)).obstacle()).toMatch(/^Caddy does not answer at/)
})

test('what Caddy finds by itself has to be found soon, and one that refuses must not be the end of a request', async () => {
  const found = (more: object) => ({ handler: 'reverse_proxy', ...more })
  const said = async (settings: object) => {
    const clock = createFakeClock()
    const router = createCaddyRouter({ admin: await answer(settings), id: 'store' }, clock)
    return { router, clock, obstacle: await router.obstacle() }
  }
  const balanced = { load_balancing: { try_duration: '5s' } }
  const quick = { dynamic_upstreams: { source: 'a', refresh: '500ms' }, ...balanced }
  expect((await said({ handler: 'file_server' })).obstacle).toContain('no reverse_proxy store')
  expect((await said(found({ dynamic_upstreams: { refresh: 5e8 } }))).obstacle).toContain('try_duration')
  expect((await said(found({ dynamic_upstreams: {}, ...balanced }))).obstacle).toContain('every 60 s')
  const { router, clock, obstacle } = await said(
    found({ ...quick, health_checks: { passive: { fail_duration: '1m0.5s' } } }),
  )
  expect(obstacle).toBeNull()
  const before = clock.now()
  await router.sendTo([], 0)
  expect(clock.now() - before, 'until Caddy asks again what has refused').toBe(60_500)
  expect(await router.settle([], 1_000)).toBe(true)
})
