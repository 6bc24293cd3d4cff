import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { pidsOf, reach } from '../support/trap-watch.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('variables', { standby: 'warm' }, { LEFT_BY_DAEMON: 'yes' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

const ecosystem = `module.exports = { apps: [{ name: 'tiny', script: 'index.mjs', env: { ADDED_BY_ECOSYSTEM: 'yes' } }] }`

async function variables(): Promise<string[]> {
  return ((await service.answer())?.names ?? []) as string[]
}

test('a variable that a release adds is gone after the way back, and none of the PM2 daemon shows', async () => {
  await service.configure({
    env: { ADDED_BY_CONFIG: 'yes' },
    ecosystem: 'ecosystem.config.cjs',
  })
  await service.commit('2.0.0', null, { 'ecosystem.config.cjs': ecosystem })
  await service.ok('deploy', '--yes')
  expect(await variables()).toEqual(expect.arrayContaining(['ADDED_BY_CONFIG', 'ADDED_BY_ECOSYSTEM']))

  await service.ok('rollback', 'r1', '--yes')
  const left = await variables()
  expect(left).toContain('LASTGOOD_RELEASE')
  for (const name of ['ADDED_BY_CONFIG', 'ADDED_BY_ECOSYSTEM', 'LEFT_BY_DAEMON'])
    expect(left).not.toContain(name)
})

test('nor when PM2 itself starts the process again', async () => {
  const [victim = 0] = await pidsOf(service, 'r1')
  process.kill(victim, 'SIGKILL')
  await reach(service, { 'r1 listening': 2 })
  await waitUntil(async () => !(await pidsOf(service, 'r1')).includes(victim), { what: 'its successor' })
  const pids = new Set<unknown>()
  for (let i = 0; i < 20; i++) {
    const answer = await service.answer()
    pids.add(answer?.pid)
    expect(answer?.names).not.toContain('ADDED_BY_CONFIG')
    expect(answer?.names).not.toContain('LEFT_BY_DAEMON')
  }
  expect(pids.size).toBe(2)
})

test('a live worker that dies listens again by itself; one of the standby holds again', async () => {
  await service.configure({ env: {} })
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await reach(service, { 'r3 listening': 2, 'r1 holding': 2 })
  const [live = 0] = await pidsOf(service, 'r3')
  const [waiting = 0] = await pidsOf(service, 'r1')
  process.kill(live, 'SIGKILL')
  process.kill(waiting, 'SIGKILL')
  const replaced = async () => {
    const pids = [...(await pidsOf(service, 'r3')), ...(await pidsOf(service, 'r1'))]
    return pids.length === 4 && !pids.includes(live) && !pids.includes(waiting)
  }
  await waitUntil(replaced, { what: 'the successors' })
  await reach(service, { 'r3 listening': 2, 'r1 holding': 2 })
  await service.ok('verify')
})

test('a worker that is emptied and dies is held when PM2 starts it again', async () => {
  // A request that takes longer than all of this keeps the old release in its drain.
  await service.configure({ drainTimeout: '300s' })
  await service.commit('1.2.0')
  const controller = new AbortController()
  const slow = fetch(`${service.url}/slow/300000`, { signal: controller.signal }).catch(() => null)
  const { ended } = service.begin(['deploy', '--yes', '--json'])
  const draining = async () => {
    const { json } = await service.ok('status')
    const all = json.instances as { id: string; release: string; state: string }[]
    // Not the one with the slow request: without that the drain would be over.
    return all.find(({ release, state }) => release === 'r3' && state === 'drained')
  }
  const victim = await waitUntil(draining, { what: 'a process in its drain', timeoutMs: 60_000 })
  process.kill(Number(victim.id), 'SIGKILL')
  const heldAgain = async () => {
    const { json } = await service.ok('status')
    const all = json.instances as { id: string; release: string; state: string }[]
    return all.some(({ id, release, state }) => release === 'r3' && state === 'holding' && id !== victim.id)
  }
  await waitUntil(heldAgain, { what: 'its successor, holding' })
  for (let i = 0; i < 10; i++) expect((await service.answer())?.version).toBe('1.2.0')
  controller.abort()
  await slow
  expect((await ended).exit).toBe(0)
  await service.ok('verify')
})
