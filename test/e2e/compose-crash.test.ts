import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { crashPointsOf } from '../../src/executor/crash-points.ts'
import { exhaustive } from '../support/sampled.ts'
import { openTinyOnCompose, type TinyOnCompose } from '../support/tiny-on-compose.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Compose, killed without the agent or a router: ${programs.missing}`)
else if (!exhaustive)
  test.skip('Compose, killed without the agent or a router: takes minutes; npm run test:exhaustive')

const STEPS = [
  { kind: 'start-candidate' },
  { kind: 'probe-candidate' },
  { kind: 'switch-traffic' },
  { kind: 'stop-old' },
] as const
const POINTS = ['switch-traffic/let-go', ...crashPointsOf(STEPS)]

/** With both, it is killed in compose.test.ts. */
describe.skipIf('missing' in programs || !exhaustive).each([
  { name: 'without the agent', router: 'haproxy', settings: { agent: false, instances: 2 } },
  { name: 'without a router', router: 'none', settings: { agent: true, instances: 1 } },
] as const)('a service on Compose $name', ({ router, settings }) => {
  let tiny: TinyOnCompose
  beforeAll(async () => {
    if ('missing' in programs) return
    tiny = await openTinyOnCompose('compose-crash', programs, { startTimeout: '20s', ...settings }, router)
    for (const version of ['1.0.0', '1.1.0']) {
      await tiny.commit(version)
      await tiny.ok('deploy', '--yes')
    }
  })
  afterAll(() => tiny?.close())

  test.each(POINTS)('a rollback that is killed at %s goes on where it was', async (point) => {
    // Whatever becomes of it, the next one finds nothing half done.
    onTestFailed(async () => {
      tiny.expireLease()
      await tiny.lastgood(['resume', '--yes'])
    })
    const from = await tiny.answer()
    const to = from?.release === 'r1' ? 'r2' : 'r1'
    await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
    const killed = await tiny.lastgood(['rollback', to, '--yes'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    tiny.expireLease()
    await tiny.ok('resume', '--yes')
    expect(await tiny.answer()).toMatchObject({ release: to })
    expect(await tiny.containers()).toHaveLength(settings.instances)
    expect(await tiny.leftovers(to)).toEqual([])
  })
})
