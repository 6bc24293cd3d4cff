import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { pidsOf, reach, unitsOf } from '../support/trap-watch.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('standby', { standby: 'warm' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  await service.lab.pm2().run(['save'])
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

const version = async () => (await service.answer())?.version

async function plannedWay(): Promise<unknown> {
  const { json } = await service.ok('rollback', 'r1', '--plan')
  return (json.plan as { way: unknown }).way
}

test('after a deploy the last known good release waits, and the plan says that it takes over', async () => {
  await reach(service, { 'r2 listening': 2, 'r1 holding': 2 })
  expect(await plannedWay()).toBe('standby')
  const { stdout } = await service.lastgood(['rollback', 'r1', '--plan'])
  expect(stdout).toMatch(/\* taken +let the warm standby take over/)
  expect(stdout).not.toMatch(/start-candidate/)
})

test('a standby whose process is gone is noticed: the plan falls back to a cold start', async () => {
  await service.lab.pm2().run(['stop', 'tiny-r1'])
  await waitUntil(async () => (await pidsOf(service, 'r1')).length === 0, { what: 'the standby being gone' })
  expect(await plannedWay()).toBe('held')
  const { stdout } = await service.lastgood(['rollback', 'r1', '--plan'])
  expect(stdout).toMatch(/not taken +let the warm standby take over: 0 of 2 instances of it are holding/)
})

test('the cold start works although PM2 still knows the stopped app', async () => {
  await service.ok('rollback', 'r1', '--yes')
  expect(await version()).toBe('1.0.0')
  expect(await unitsOf(service)).toEqual(['tiny-r1', 'tiny-r1'])
  await service.ok('verify')
})

test('the standby takes over, and the new last known good waits in its place', async () => {
  await service.commit('1.2.0')
  await service.ok('deploy', '--yes')
  await reach(service, { 'r3 listening': 2, 'r1 holding': 2 })
  const waiting = await pidsOf(service, 'r1')
  const { json } = await service.ok('rollback', 'r1', '--yes')
  expect(json).toMatchObject({ plan: { way: 'standby' } })
  expect(await version()).toBe('1.0.0')
  // The same processes: nothing was booted.
  expect(await pidsOf(service, 'r1')).toEqual(waiting)
})

test('after a reboot the good release listens, and the standby holds', async () => {
  await service.commit('1.3.0')
  await service.ok('deploy', '--yes')
  await service.commit('2.0.0', 'errors')
  await service.ok('deploy', '--yes', '--no-wait')
  await service.ok('rollback', 'r4', '--yes')
  await reach(service, { 'r4 listening': 2, 'r1 holding': 2 })

  const pm2 = service.lab.pm2()
  await pm2.run(['kill'])
  expect(await version()).toBeUndefined()
  await access(join(pm2.home, 'dump.pm2'))
  await pm2.run(['resurrect'])
  await reach(service, { 'r4 listening': 2, 'r1 holding': 2 })
  for (let i = 0; i < 10; i++) expect(await version()).toBe('1.3.0')
  const names = (await service.answer())?.names
  expect(names).toContain('LASTGOOD_RELEASE')
  await service.ok('verify')
  expect(await plannedWay()).toBe('standby')
})
