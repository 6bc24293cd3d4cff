import { afterAll, describe, expect, test } from 'vitest'
import { crashPointsOf, undoPointsOf } from '../../src/executor/crash-points.ts'
import { sampledDeaths } from '../support/sampled.ts'
import { openCrashRig } from './crash-rig.ts'

/** Two good releases that take turns: the one that is left is marked bad by the rollback, and proven again by a person. */
const rig = await openCrashRig('crash-rollback')
afterAll(() => rig.close())

for (const version of ['1.0.0', '1.1.0']) {
  await rig.commit(version)
  await rig.ok('deploy', '--yes')
}
const plan = await rig.planOf('rollback', 'r1')

/** The good release that does not serve, ready to be gone back to. */
async function provenOther(): Promise<{ from: string; to: string }> {
  const from = await rig.live()
  const to = from === 'r1' ? 'r2' : 'r1'
  await rig.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
  return { from, to }
}

describe('a rollback that is killed', () => {
  const points = sampledDeaths([...crashPointsOf(plan.steps), 'switch-traffic/activated'])
  test.for(points)('at %s goes on where it was', async (point) => {
    const { to } = await provenOther()
    const killed = await rig.lastgood(['rollback', to, '--yes'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    rig.expireLease()

    const resumed = await rig.ok('resume', '--yes')
    expect(resumed.json).toMatchObject({ outcome: 'succeeded' })
    await rig.expectOnly(to)
  })
})

describe('a rollback that is killed before the switch', () => {
  test.for([
    'check-target/done',
    'start-candidate/done',
    'probe-candidate/recorded',
    'switch-traffic/started',
  ])('at %s can be put back instead', async (point) => {
    const { from, to } = await provenOther()
    await rig.lastgood(['rollback', to, '--yes'], { at: point })
    rig.expireLease()
    expect((await rig.ok('resume', '--put-back', '--yes')).json).toMatchObject({ outcome: 'put-back' })
    await rig.expectOnly(from)
  })

  test('after the switch it cannot, and nothing is changed', async () => {
    const { to } = await provenOther()
    await rig.lastgood(['rollback', to, '--yes'], { at: 'switch-traffic/done' })
    rig.expireLease()
    const refused = await rig.lastgood(['resume', '--put-back', '--yes', '--json'])
    expect(refused).toMatchObject({ exit: 18, json: { code: 'PAST_NO_RETURN' } })
    await rig.ok('resume', '--yes')
    await rig.expectOnly(to)
  })
})

describe('a rollback to a sick release that is killed while it puts back', () => {
  const points = sampledDeaths(undoPointsOf('probe-candidate', ['start-candidate']))
  test.for(points)('at %s goes on going back', async (point) => {
    const before = await rig.live()
    const sick = `3.0.${points.indexOf(point)}`
    await rig.commit(sick, 'never-ready')
    await rig.lastgood(['deploy', '--yes'])
    await rig.ok('releases', 'mark', 'proven', sick, '--reason', 'somebody errs', '--yes')
    const killed = await rig.lastgood(['rollback', sick, '--yes'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    rig.expireLease()

    const resumed = await rig.lastgood(['resume', '--yes', '--json'])
    expect(resumed.json, resumed.stdout).toMatchObject({ outcome: 'put-back' })
    await rig.expectOnly(before)
  })
})
