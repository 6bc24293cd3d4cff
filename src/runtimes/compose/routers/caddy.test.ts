import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createFakeClock } from '../../../../test/support/fake-clock.ts'
import type { Container } from '../../../docker/containers.ts'
import { createCaddyRouter } from './caddy.ts'

const HANDLER = { handler: 'reverse_proxy', dynamic_upstreams: { source: 'a', name: '{live}' } }
const containerOf = (release: string, ip: string): Container => ({
  id: ip,
  name: `shop-${release}-app-1`,
  labels: {
    'lastgood.release': release,
    'lastgood.port': '3000',
    'com.docker.compose.service': 'app',
  },
  status: 'running',
  health: null,
  startedAt: 0,
  restarts: 0,
  exitCode: 0,
  image: '',
  ips: [ip],
  env: [],
  restartPolicy: 'always',
  published: [],
})

/** An admin API that hangs up on the first so many that come, and then has these requests under way. */
async function openCaddy({ hangUps = 0, handler = HANDLER as object, underWay = [] as string[] } = {}) {
  let left = hangUps
  const server = createServer((request, response) => {
    left -= 1
    if (left >= 0) return void request.socket.destroy()
    const upstreams = underWay.map((address) => ({ address, num_requests: 1 }))
    response.end(JSON.stringify(request.url === '/id/store' ? handler : upstreams))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const live = await mkdtemp(join(tmpdir(), 'lastgood-caddy-'))
  onTestFinished(async () => {
    server.close()
    await rm(live, { recursive: true, force: true })
  })
  const address = server.address()
  const admin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const own = async () => [containerOf('r1', '10.0.0.1'), containerOf('r2', '10.0.0.2')]
  return { live, router: createCaddyRouter({ admin, id: 'store', live }, own, createFakeClock()) }
}

test('a switch is another name of the one file, in one step; done twice is done once', async () => {
  const { live, router } = await openCaddy()
  const [r1, r2] = [containerOf('r1', '10.0.0.1'), containerOf('r2', '10.0.0.2')]
  await router.sendTo([r1, { ...r1, id: 'second' }], 0)
  expect(await readdir(live)).toEqual(['app-r1'])
  // What a person or a run that was cut short has left.
  await writeFile(join(live, 'app-r0'), '')
  for (const _ of 'twice') await router.sendTo([r2], 0)
  expect(await readdir(live)).toEqual(['app-r2'])
  await expect(router.sendTo([r1, r2], 0)).rejects.toThrow('not to app-r1, app-r2')
  expect(router.byHand('app-r1')).toEqual([`mv ${live}/* ${live}/app-r1`])
})

test('a Caddy whose admin API has gone is switched all the same: what served before may have to be live again', async () => {
  const { live, router } = await openCaddy({ hangUps: 99 })
  await router.sendTo([containerOf('r1', '10.0.0.1')], 0)
  expect(await readdir(live)).toEqual(['app-r1'])
})

test('what is under way to the others is waited for, and not what is to anybody else', async () => {
  const keep = [containerOf('r2', '10.0.0.2')]
  const { router } = await openCaddy({ underWay: ['10.0.0.2:3000', '10.9.9.9:3000'] })
  expect(await router.settle(keep, 1_000)).toBe(true)
  const busy = await openCaddy({ underWay: ['10.0.0.1:3000'] })
  expect(await busy.router.settle(keep, 1_000)).toBe(false)
})

test('a Caddy that hangs up is asked again; one that does nothing else is down', async () => {
  expect(await (await openCaddy({ hangUps: 2 })).router.obstacle()).toBeNull()
  expect(await (await openCaddy({ hangUps: 99 })).router.obstacle()).toMatch(/^Caddy does not answer at/)
})

test('where Caddy looks for nothing, or where it cannot be told, is known before', async () => {
  const listed = await openCaddy({ handler: { handler: 'reverse_proxy', upstreams: [] } })
  expect(await listed.router.obstacle()).toContain('dynamic_upstreams')
  const { live, router } = await openCaddy()
  await rm(live, { recursive: true })
  expect(await router.obstacle()).toBe(`${live}, where Caddy looks: ENOENT`)
  await expect(router.sendTo([containerOf('r1', '10.0.0.1')], 0)).rejects.toThrow('ENOENT')
})
