import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { judgeSwitch } from '../../lab/judge-switch.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { exhaustive } from '../support/sampled.ts'
import { openTinyOnSwarm, SERVICE, type TinyOnSwarm } from '../support/tiny-on-swarm.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Swarm: ${programs.missing}`)
else if (!exhaustive) test.skip('the rest of Swarm: takes minutes; npm run test:exhaustive')

/** Of what is tried on a swarm, this is tried every time: two deploys, a standby, a way back under requests. */
describe.skipIf('missing' in programs)('a warm standby on a swarm', () => {
  let tiny: TinyOnSwarm
  beforeAll(async () => {
    if ('missing' in programs) return
    tiny = await openTinyOnSwarm('swarm-standby', programs, 1, { standby: 'warm' })
    await tiny.commit('1.0.0')
    await tiny.ok('deploy', '--yes')
    await tiny.commit('1.1.0')
    await tiny.ok('deploy', '--yes')
  })
  afterAll(() => tiny?.close())

  /** Of a release only what serves or waits is there, in the swarm and on the node. */
  const isOnly = async (release: string, standby: string | null) => {
    const waiting = standby === null ? [] : [`${standby} holding`]
    const serving = [`${release} running`, `${release} running`]
    expect(await tiny.serving()).toEqual([...waiting, ...serving].sort())
    const services = standby === null ? [SERVICE] : [SERVICE, probeOf(standby)]
    expect((await tiny.services()).split('\n').sort()).toEqual(services)
    const label = '{{.Label "lastgood.release"}}'
    const running = async () => (await tiny.docker('ps', '--format', label)).split('\n').filter(Boolean)
    const wanted = [release, release, ...(standby === null ? [] : [standby])].sort().join()
    await waitUntil(async () => (await running()).sort().join() === wanted, { what: `only ${wanted} to run` })
    await waitUntil(async () => (await tiny.answer())?.release === release, { what: `${release} to answer` })
    expect(await tiny.draining()).toEqual([])
  }
  const probeOf = (release: string) => `${SERVICE}-${release}-probe`
  const containerOf = (release: string) => tiny.docker('ps', '-q', '--filter', `name=${probeOf(release)}`)
  const kindsIn = (json: Record<string, unknown>) => (json.plan as Plan).steps.map(({ kind }) => kind)
  const planned = async (to: string) => kindsIn((await tiny.ok('rollback', to, '--plan')).json)
  const doctor = async () => (await tiny.lastgood(['doctor'])).stdout
  const standby = async () => ((await tiny.ok('status')).json.standby as string[])[0] ?? ''
  const proven = (release: string) =>
    tiny.ok('releases', 'mark', 'proven', release, '--reason', 'it is', '--yes')

  test('after a deploy one task of the release before it waits outside of the traffic', async () => {
    await isOnly('r2', 'r1')
    expect((await tiny.lastgood(['status'])).stdout).toMatch(/standby +r1, 1 holding/)
    expect(await doctor()).not.toContain('none is waiting')
    const { stdout } = await tiny.lastgood(['rollback', 'r1', '--plan'])
    expect(stdout.replace(/\s+/g, ' ')).toContain('a copy of it waits, and is asked at once')
    expect(await planned('r1')).not.toContain('start-candidate')
  })

  test.runIf(exhaustive)('a deploy that fails leaves it there', async () => {
    const task = await containerOf('r1')
    await tiny.commit('1.2.0', 'crash-on-boot')
    expect((await tiny.lastgood(['deploy', '--yes', '--json'])).json).toMatchObject({
      code: 'CANDIDATE_CRASHED',
    })
    await isOnly('r2', 'r1')
    expect(await containerOf('r1')).toBe(task)
  })

  test('a rollback asks it, boots none to try it, loses no request, and ends it', async () => {
    const traffic = await startTraffic({ url: tiny.url, rate: 100 })
    const { json } = await tiny.ok('rollback', 'r1', '--yes', '--reason', 'a test')
    expect(judgeSwitch(await traffic.stop(), 'none', 0)).toMatchObject({ failures: {} })
    expect(kindsIn(json)).toEqual(['check-target', 'probe-candidate', 'switch-traffic', 'verify', 'stop-old'])
    await isOnly('r1', null)
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0' })
  })

  test.runIf(exhaustive)('where another is good, that one waits after the rollback', async () => {
    await proven('r2')
    await tiny.commit('1.3.0')
    await tiny.ok('deploy', '--yes')
    await isOnly('r4', 'r2')
    const { json } = await tiny.ok('rollback', 'r2', '--yes', '--reason', 'a test')
    expect(kindsIn(json)).not.toContain('start-candidate')
    await isOnly('r2', 'r1')
  })

  test.runIf(exhaustive)(
    'one that has ended is noticed: it is booted again, and doctor says so',
    async () => {
      await tiny.docker('kill', await containerOf('r1'))
      await waitUntil(async () => (await standby()) === '', { what: 'it to be seen no more' })
      expect(await planned('r1')).toContain('start-candidate')
      expect(await doctor()).toContain('none is waiting')
      await tiny.ok('rollback', 'r1', '--yes', '--reason', 'a test')
      await isOnly('r1', null)
    },
  )

  describe.runIf(exhaustive)('a rollback to it that is killed', () => {
    beforeAll(async () => {
      for (const release of ['r2', 'r4']) await proven(release)
      await tiny.ok('rollback', 'r2', '--yes', '--reason', 'a test')
      await isOnly('r2', 'r4')
    }, 120_000)

    test.each([
      'probe-candidate/started',
      'switch-traffic/activated',
      'switch-traffic/recorded',
      'stop-old/started',
      'stop-old/done',
      'start-standby/started',
      'start-standby/done',
    ])('at %s goes on where it was', async (point) => {
      const to = await standby()
      const left = String((await tiny.answer())?.release)
      const next = ['r1', 'r2', 'r4'].find((release) => release !== to && release !== left) ?? ''
      await proven(next)
      const killed = await tiny.lastgood(['rollback', to, '--yes'], { at: point })
      expect(killed.exit, killed.stdout).toBe(137)
      tiny.expireLease()
      const { json } = await tiny.ok('resume', '--yes')
      expect(kindsIn(json)).not.toContain('start-candidate')
      await isOnly(to, next)
    })

    test('and its engine with it: it is booted after all', async () => {
      const to = await standby()
      const killed = await tiny.lastgood(['rollback', to, '--yes'], { at: 'probe-candidate/started' })
      expect(killed.exit, killed.stdout).toBe(137)
      const [{ engine } = {}] = tiny.nodes
      await engine?.kill()
      await engine?.start()
      const state = () => tiny.docker('node', 'ls', '--format', '{{.ManagerStatus}}')
      const patience = { timeoutMs: 60_000, everyMs: 100 }
      await waitUntil(async () => (await state()) === 'Leader', { what: 'the swarm', ...patience })
      await tiny.renewProxy()
      tiny.expireLease()
      await waitUntil(tiny.answer, { what: 'the proxy', ...patience })
      const { json } = await tiny.ok('resume', '--yes')
      expect(kindsIn(json)).not.toContain('start-candidate')
      expect(await tiny.answer()).toMatchObject({ release: to })
    })
  })
})
