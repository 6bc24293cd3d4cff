import { afterAll, describe, expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { crashPointsOf, undoPointsOf } from '../../src/executor/crash-points.ts'
import { sampledDeaths } from '../support/sampled.ts'
import { openCrashRig } from './crash-rig.ts'

/** One service for the whole file: each point begins with what the one before has left. */
const rig = await openCrashRig('crash-deploy')
afterAll(() => rig.close())

await rig.commit('1.0.0')
await rig.ok('deploy', '--yes')
await rig.commit('1.1.0')
const plan = await rig.planOf('deploy')

describe('a deploy that is killed', () => {
  const points = sampledDeaths([...crashPointsOf(plan.steps), 'switch-traffic/activated'])
  test.for(points)('at %s goes on where it was', async (point) => {
    const killed = await rig.lastgood(['deploy', '--yes', '--no-wait'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    rig.expireLease()

    const resumed = await rig.ok('resume', '--yes')
    expect(resumed.json).toMatchObject({ outcome: 'succeeded' })
    await rig.expectOnly((resumed.json.plan as Plan).to)
  })

  test('and when all is ended there is nothing to resume', async () => {
    expect((await rig.ok('resume', '--yes')).json).toMatchObject({ outcome: 'nothing-to-resume' })
  })
})

describe('a deploy that is killed while it puts back', () => {
  const points = sampledDeaths(undoPointsOf('verify', ['switch-traffic', 'start-candidate']))
  test.for(points)('at %s goes on going back', async (point) => {
    await rig.commit(`2.0.${points.indexOf(point)}`, 'sick-in-public')
    const before = await rig.live()
    const killed = await rig.lastgood(['deploy', '--yes'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    rig.expireLease()

    const resumed = await rig.lastgood(['resume', '--yes', '--json'])
    expect(resumed.json, resumed.stdout).toMatchObject({ outcome: 'put-back' })
    await rig.expectOnly(before)
  })
})
