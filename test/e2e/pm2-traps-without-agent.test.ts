import { afterAll, beforeAll, expect, test } from 'vitest'
import { hasFailed } from '../../lab/traffic/sample.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { openShop, say, unitsOf } from '../support/trap-watch.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('bare', { agent: false, window: '200ms' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

test('side by side in cluster mode: nothing is refused and no request in flight is cut', async () => {
  const traffic = await openShop(service)
  await service.commit('1.1.0')
  const { json } = await service.ok('deploy', '--yes')
  expect(json).toMatchObject({ plan: { way: 'beside' }, serving: { release: 'r2' } })
  await service.ok('rollback', 'r1', '--yes')
  const samples = await traffic.stop()
  const failed = samples.filter(hasFailed)
  say(`without the agent: ${failed.length} of ${samples.length} requests failed in a deploy and a rollback`)
  // The port never closes. What is left is HTTP's own race: a kept connection closed as its next request is sent.
  expect(failed.filter(({ error }) => error !== 'ECONNRESET')).toEqual([])
  expect(failed.length / samples.length).toBeLessThan(0.05)
  expect((await service.answer())?.version).toBe('1.0.0')
  expect(await unitsOf(service)).toEqual(['tiny-r1', 'tiny-r1'])
})

test('verify says which release each process really works in', async () => {
  const { json } = await service.ok('verify')
  expect(JSON.stringify(json.verification)).toMatch(/2 instances serve r1/)
})
