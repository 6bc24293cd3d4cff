import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../../../system/system-clock.ts'
import { createCaddyRouter } from './caddy.ts'
import { RouterFailed } from './router.ts'

let server: Server
afterEach(() => server.close())

/** An admin server that hangs up on the first askers. */
async function openCaddy(hangUps: number) {
  const asked: string[] = []
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.connection}`)
    if (asked.length <= hangUps) return request.socket.destroy()
    response.setHeader('content-type', 'application/json')
    response.end(request.method === 'GET' ? '[]' : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { router: createCaddyRouter({ admin: `http://127.0.0.1:${port}`, id: 'store' }, systemClock), asked }
}

test('keeps no connection: Caddy hangs up on all of them when it is told something', async () => {
  const { router, asked } = await openCaddy(0)
  expect(await router.obstacle()).toBe(null)
  expect(asked).toEqual(['GET close'])
})

test('asks once more where Caddy has hung up, and not for ever', async () => {
  const once = await openCaddy(1)
  expect(await once.router.obstacle()).toBe(null)
  expect(once.asked).toHaveLength(2)
  server.close()
  const deaf = await openCaddy(9)
  expect(await deaf.router.obstacle()).toContain('Caddy does not answer')
  await expect(deaf.router.sendTo([], 1_000)).rejects.toThrow(RouterFailed)
  expect(deaf.asked).toHaveLength(4)
})
