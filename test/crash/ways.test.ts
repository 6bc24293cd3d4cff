import { describe, expect, test } from 'vitest'
import type { Plan } from '../../src/domain/plan.ts'
import { type CrashRig, openCrashRig } from './crash-rig.ts'

/** The other ways in which traffic moves have places of their own where a process can die. */
const ways = [
  { name: 'fork', settings: { mode: 'fork', instances: 1 }, inside: 'switch-traffic/let-go' },
  {
    name: 'cluster without the agent',
    settings: { mode: 'cluster', agent: false },
    inside: 'switch-traffic/let-go',
  },
  {
    name: 'fork without the agent',
    settings: { mode: 'fork', instances: 1, agent: false },
    inside: 'switch-traffic/let-go',
  },
  { name: 'warm standby', settings: { standby: 'warm' }, inside: 'switch-traffic/activated' },
] as const

/** Places that every way has, and that deploy.test.ts and rollback.test.ts are about. */
const around = (point: string) => (process.env.EXHAUSTIVE === '1' ? [point] : [])

async function withReleases(name: string, settings: (typeof ways)[number]['settings']): Promise<CrashRig> {
  const rig = await openCrashRig(name, settings)
  for (const version of ['1.0.0', '1.1.0']) {
    await rig.commit(version)
    await rig.ok('deploy', '--yes')
  }
  return rig
}

describe.each(ways)('$name', ({ name, settings, inside }) => {
  test('killed in a deploy and in a rollback, inside the switch and around it', async () => {
    await using rig = disposable(await withReleases(`crash-${name.replaceAll(' ', '-')}`, settings))
    const standby = 'standby' in settings
    let left = 'r1'
    for (const at of [
      ...around('start-candidate/recorded'),
      inside,
      ...(standby ? ['start-standby/done'] : []),
    ]) {
      left = await rig.live()
      const killed = await rig.lastgood(['deploy', '--yes', '--no-wait'], { at })
      expect(killed.exit, killed.stdout).toBe(137)
      rig.expireLease()
      const resumed = await rig.ok('resume', '--yes')
      await rig.expectOnly((resumed.json.plan as Plan).to, standby ? left : null)
    }
    const before = standby ? 'check-target/recorded' : 'start-candidate/recorded'
    for (const at of [...around(before), inside, ...around('stop-old/done')]) {
      const [from, to] = [await rig.live(), left]
      await rig.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
      const plan = await rig.planOf('rollback', to)
      const kept = plan.steps.find(({ kind }) => kind === 'start-standby')?.params.release ?? null
      const killed = await rig.lastgood(['rollback', to, '--yes'], { at })
      expect(killed.exit, killed.stdout).toBe(137)
      rig.expireLease()
      expect((await rig.ok('resume', '--yes')).json).toMatchObject({ outcome: 'succeeded' })
      await rig.expectOnly(to, kept)
      left = from
    }
  })
})

function disposable(rig: CrashRig): CrashRig & AsyncDisposable {
  return { ...rig, [Symbol.asyncDispose]: () => rig.close() }
}
