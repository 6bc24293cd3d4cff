import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { judgeSwitch } from '../../lab/judge-switch.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { crashPointsOf } from '../../src/executor/crash-points.ts'
import { exhaustive } from '../support/sampled.ts'
import { openTinyOnSwarm, SERVICE, type TinyOnSwarm } from '../support/tiny-on-swarm.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Swarm: ${programs.missing}`)
else if (!exhaustive) test.skip('Swarm: takes minutes; npm run test:exhaustive')

const ROLLBACK = [
  'check-target',
  'start-candidate',
  'probe-candidate',
  'switch-traffic',
  'verify',
  'stop-old',
] as const
/** The program of the service, which lastgood's own trial of it does not run into. */
const onlyAsProbe = (program: string) =>
  `FROM node:20-bookworm-slim\nWORKDIR /app\nCOPY package.json index.mjs ./\nCMD case "$NAME" in *-probe) exec node index.mjs;; *) ${program};; esac\n`

describe.skipIf('missing' in programs || !exhaustive)('a service of a swarm of one node', () => {
  let tiny: TinyOnSwarm
  beforeAll(async () => {
    if ('missing' in programs) return
    tiny = await openTinyOnSwarm('swarm', programs, 1, { env: { NAME: '{{.Service.Name}}' } })
    await tiny.commit('1.0.0')
  })
  afterAll(() => tiny?.close())

  const isOnly = async (release: string) => {
    expect(await tiny.serving()).toEqual([`${release} running`, `${release} running`])
    expect(await tiny.services()).toBe(SERVICE)
    // Those that were told to end have ended, or will: what runs beside them is this release.
    const label = '{{.Label "lastgood.release"}}'
    const running = async () =>
      (await tiny.docker('ps', '--format', label)).split('\n').filter(Boolean).sort()
    await waitUntil(async () => (await running()).join() === `${release},${release}`, {
      what: `only ${release} to run, not ${await running()}`,
    })
    await waitUntil(async () => (await tiny.answer())?.release === release, { what: `${release} to answer` })
    expect(await tiny.draining()).toEqual([])
  }

  test('deploys and goes back, task by task, and loses no request', async () => {
    await tiny.ok('deploy', '--yes')
    await waitUntil(async () => (await tiny.answer())?.version === '1.0.0', { what: 'the first release' })
    await tiny.commit('1.1.0')
    const traffic = await startTraffic({ url: tiny.url, rate: 100 })
    await tiny.ok('deploy', '--yes')
    await tiny.ok('rollback', 'r1', '--yes', '--reason', 'a test')
    const samples = await traffic.stop()
    expect(judgeSwitch(samples, 'none', 0)).toMatchObject({ failures: {} })
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
    await isOnly('r1')
    const [service] = JSON.parse(await tiny.docker('service', 'inspect', SERVICE))
    expect(service.Spec.TaskTemplate.ContainerSpec).toMatchObject({
      Ulimits: [{ Name: 'nofile', Soft: 4000, Hard: 8000 }],
      CapabilityAdd: ['CAP_NET_ADMIN'],
    })
  })

  test('a task that cannot be placed: the reason is said, and what serves serves on', async () => {
    const service = (...args: string[]) => tiny.docker('service', 'update', '--detach', ...args, SERVICE)
    await service('--constraint-add', 'node.labels.fast==yes')
    await tiny.commit('1.2.0')
    await tiny.configure({ startTimeout: '3s' })
    const { json } = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(json).toMatchObject({ code: 'CANDIDATE_NOT_READY' })
    expect(JSON.stringify(json.details)).toContain('no suitable node')
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0' })
    await service('--constraint-rm', 'node.labels.fast==yes')
    await tiny.configure({ startTimeout: '20s' })
  })

  describe('where the swarm is told to go back by itself', () => {
    const bad = [
      ['ends at once', 'exit 3'],
      ['ends when it has served for a moment', 'node index.mjs & sleep 2; exit 3'],
    ] as const
    test.each(bad)('and a release %s, that is the finding, and it is let be', async (_, program) => {
      const policy = ['--update-failure-action', 'rollback', '--update-monitor', '4s']
      await tiny.docker('service', 'update', '--detach', ...policy, SERVICE)
      await tiny.commit(`1.3.0-${program.length}`, null, { Dockerfile: onlyAsProbe(program) })
      const { json } = await tiny.lastgood(['deploy', '--yes', '--json'])
      expect(json).toMatchObject({ code: 'ACTIVATION_FAILED', exit: 24 })
      expect(json.message).toContain('the swarm went back to r1 by itself')
      // It watches what it went back to for a while as well; had anybody set anything after that, it would not get there.
      const state = () => tiny.docker('service', 'inspect', '--format', '{{.UpdateStatus.State}}', SERVICE)
      await waitUntil(async () => (await state()) === 'rollback_completed', {
        what: 'the swarm to have gone back',
      })
      await isOnly('r1')
    })
  })

  describe('a rollback that is killed, and the engine restarted', () => {
    const most = ['switch-traffic/activated', ...crashPointsOf(ROLLBACK.map((kind) => ({ kind })))]
    const restarts = (point: string) => /activated|started/.test(point)
    const isUp = async () => {
      const [{ engine } = {}] = tiny.nodes
      await engine?.start()
      const state = () => tiny.docker('node', 'ls', '--format', '{{.ManagerStatus}}')
      const patience = { what: 'the swarm to be there', timeoutMs: 60_000, everyMs: 100 }
      await waitUntil(async () => (await state()) === 'Leader', patience)
    }
    // Whatever the one before has left: the engine is there, and no run is under way.
    beforeEach(async () => {
      await isUp()
      await tiny.lastgood(['resume', '--yes'])
    }, 120_000)

    test.each(most)('at %s goes on where it was', async (point) => {
      const [now] = await tiny.serving()
      const to = now?.startsWith('r1') ? 'r2' : 'r1'
      await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
      const killed = await tiny.lastgood(['rollback', to, '--yes'], { at: point })
      expect(killed.exit, killed.stdout).toBe(137)
      if (restarts(point)) {
        const [{ engine } = {}] = tiny.nodes
        await engine?.kill()
        expect((await tiny.lastgood(['resume', '--yes', '--json'])).json).toMatchObject({
          code: 'RUNTIME_DOWN',
        })
        await isUp()
        await tiny.renewProxy()
      }
      tiny.expireLease()
      await waitUntil(tiny.answer, { what: 'the proxy', timeoutMs: 60_000, everyMs: 100 })
      await tiny.ok('resume', '--yes')
      await isOnly(to)
    })
  })
})
