import { afterAll, beforeAll, expect, test } from 'vitest'
import { formatMs } from '../../src/render/format.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, reach, say, stepsOf, unitsOf } from '../support/trap-watch.ts'

/** Boots for half a second, as an app that connects to its database does. */
const slowBoot = `await new Promise((resolve) => setTimeout(resolve, 500))
await import('./index.mjs')
`
let service: TinyService

beforeAll(async () => {
  service = await openTinyService('fork', { mode: 'fork', instances: 1 }, { LEFT_BY_DAEMON: 'yes' })
})
afterAll(() => service.close())

const commit = (version: string) => service.commit(version, null, { 'start.mjs': slowBoot })

async function gaps(): Promise<number[]> {
  return (await stepsOf(service, 'switch-traffic')).map(({ evidence }) => Number(evidence.gapMs))
}

async function planned(): Promise<{ text: string; gap: unknown; way: unknown }> {
  const { stdout } = await service.lastgood(['deploy', '--plan'])
  const { json } = await service.ok('deploy', '--plan')
  const plan = json.plan as { unavailability: unknown; way: unknown }
  return { text: stdout, gap: plan.unavailability, way: plan.way }
}

const version = async () => (await service.answer())?.version

test('with the agent: both are booted, and only the port changes hands', async () => {
  await service.configure({ script: 'start.mjs' })
  await commit('1.0.0')
  await service.ok('deploy', '--yes')
  await commit('1.1.0')
  const before = await planned()
  expect(before).toMatchObject({ way: 'held', gap: { source: 'default' } })
  expect(before.text).toMatch(/Unavailable +about 50 ms/)
  await service.ok('deploy', '--yes')
  expect(await version()).toBe('1.1.0')
  const [, gap = 0] = await gaps()
  expect(gap).toBeGreaterThan(0)
  say(`fork mode with the agent: ${gap} ms without a listener`)

  await service.ok('rollback', '1.0.0', '--yes')
  expect(await version()).toBe('1.0.0')
  expect(await unitsOf(service)).toEqual(['tiny-r1'])
  const [, first = 0, second = 0] = await gaps()
  const measured = Math.round((first + second) / 2)
  await commit('1.1.1')
  const after = await planned()
  expect(after.gap).toEqual({ ms: measured, source: 'measured', runs: 2 })
  expect(after.text).toContain(`${formatMs(measured)} (measured in 2 runs)`)
  expect((await service.answer())?.names).not.toContain('LEFT_BY_DAEMON')
})

test('a release that crashes is noticed here as well, and the old one never stopped', async () => {
  const pid = (await service.answer())?.pid
  await service.commit('1.2.0', 'crash-on-boot', { 'start.mjs': "await import('./index.mjs')" })
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  expect(ran.json).toMatchObject({ exit: 21, code: 'CANDIDATE_CRASHED' })
  expect(JSON.stringify(ran.json.details)).toContain('a file is missing')
  expect((await service.answer())?.pid).toBe(pid)
  await reach(service, { 'r1 listening': 1 })
})

test('without the agent the old one has to stop first: the gap is a whole boot, and the next plan says so', async () => {
  await service.configure({ agent: false })
  await commit('2.0.0')
  // What serves still has the agent: the plan goes by what is to come.
  const first = await planned()
  expect(first).toMatchObject({ way: 'stop-start', gap: { source: 'default' } })
  await service.ok('deploy', '--yes')
  expect(await version()).toBe('2.0.0')
  await commit('2.1.0')
  const before = await planned()
  expect(before.way).toBe('stop-start')
  await service.ok('deploy', '--yes')
  expect(await version()).toBe('2.1.0')
  const all = await gaps()
  const gap = all.at(-1) ?? 0
  expect(gap).toBeGreaterThan(500)
  say(`fork mode without the agent: ${gap} ms without a listener`)

  await commit('2.2.0')
  const after = await planned()
  expect(after.gap).toMatchObject({ source: 'measured' })
  expect(after.text).toMatch(/Unavailable +.*\(measured in \d runs?\)/)
  await service.ok('rollback', '2.0.0', '--yes')
  expect(await version()).toBe('2.0.0')
  expect((await eventsOf(service)).filter(({ type }) => type === 'RunStopped')).toEqual([])
})

test('without the agent a target that does not come up is noticed on its own port, before anything stops', async () => {
  const pid = (await service.answer())?.pid
  await service.configure({ startTimeout: '5s' })
  await service.commit('3.0.0', 'crash-on-boot', { 'start.mjs': "await import('./index.mjs')" })
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  // PM2 keeps the process and calls it online; without the agent only its silence tells, and its log says why.
  expect(ran.json).toMatchObject({ exit: 21, code: 'CANDIDATE_NOT_READY' })
  expect(JSON.stringify(ran.json.details)).toContain('a file is missing')
  expect((await service.answer())?.pid).toBe(pid)
})
