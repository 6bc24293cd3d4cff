import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { unitsOf } from '../support/trap-watch.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('target', { instances: 1, window: '100ms' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await service.commit('2.0.0', 'errors')
  await service.ok('deploy', '--yes', '--no-wait')
})
afterAll(() => service.close())

const version = async () => (await service.answer())?.version

test('C is bad: back to B', async () => {
  const { json } = await service.ok('rollback', '--yes')
  expect(json).toMatchObject({ plan: { from: 'r3', to: 'r2' } })
  expect(await version()).toBe('1.1.0')
})

test('again: refused, where PM2 would have gone back to C', async () => {
  const { exit, json } = await service.lastgood(['rollback', '--yes', '--json'])
  expect(exit).toBe(11)
  expect(json).toMatchObject({ code: 'TARGET_IS_LIVE', serving: { release: 'r2' } })
  expect(await version()).toBe('1.1.0')
  expect(await unitsOf(service)).toEqual(['tiny-r2'])
})

test('C by name: refused', async () => {
  const { exit, json } = await service.lastgood(['rollback', 'r3', '--yes', '--json'])
  expect(exit).toBe(11)
  expect(json).toMatchObject({ code: 'TARGET_BAD' })
})

test('C was once marked proven, and is left by name: it is never returned to', async () => {
  await service.ok('releases', 'mark', 'proven', 'r3', '--reason', 'a mistake', '--yes')
  await service.ok('rollback', 'r3', '--yes')
  expect(await version()).toBe('2.0.0')
  // r2 was left for it, and so is bad; the newest proven one that nobody left is r1.
  await service.ok('rollback', 'r1', '--yes')
  expect(await version()).toBe('1.0.0')
  const codes: unknown[] = []
  for (const name of [[], ['r3'], ['r2']]) {
    const { exit, json } = await service.lastgood(['rollback', ...name, '--yes', '--json'])
    expect(exit).toBe(11)
    codes.push(json.code)
  }
  expect(codes).toEqual(['TARGET_IS_LIVE', 'TARGET_BAD', 'TARGET_BAD'])
  expect(await version()).toBe('1.0.0')
  expect(await unitsOf(service)).toEqual(['tiny-r1'])
})
