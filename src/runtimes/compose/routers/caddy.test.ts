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
    response.end('[]')
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
