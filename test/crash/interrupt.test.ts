import { afterAll, expect, test } from 'vitest'
import type { Plan, StepKind } from '../../src/domain/plan.ts'
import { openCrashRig } from './crash-rig.ts'

/** With a warm standby, so that its step is among those that are interrupted. */
const rig = await openCrashRig('crash-interrupt', { standby: 'warm', window: '500ms' })
afterAll(() => rig.close())

for (const version of ['1.0.0', '1.1.0', '1.2.0']) {
  await rig.commit(version)
  await rig.ok('deploy', '--yes')
}

/** What an exit code promises of what serves. */
const outcomeOf: Record<number, 'put back' | 'switched' | 'done'> = {
  0: 'done',
  26: 'put back',
  35: 'switched',
}

async function interrupted(run: Awaited<ReturnType<typeof rig.interruptIn>>, from: string, to: string) {
  const outcome = outcomeOf[run.exit]
  expect(outcome, run.stdout).toBeDefined()
  const resumed = await rig.ok('resume', '--yes')
  expect(resumed.json.outcome).toBe(outcome === 'switched' ? 'succeeded' : 'nothing-to-resume')
  const serves = outcome === 'put back' ? from : to
  const { standby } = (await rig.ok('status')).json as { standby: string[] }
  await rig.expectOnly(serves, standby[0] ?? null)
  return outcome
}

/** Before the switch, in it, and on both sides of the last moment in which it is put back. All with EXHAUSTIVE=1. */
const TELLING: StepKind[] = ['start-candidate', 'switch-traffic', 'verify', 'stop-old']
const tellingOf = ({ steps }: Plan) =>
  steps.map(({ kind }) => kind).filter((kind) => process.env.EXHAUSTIVE === '1' || TELLING.includes(kind))

const deploy = tellingOf(await rig.planOf('deploy'))
test.for(deploy)('SIGINT in %s of a deploy', async (kind) => {
  const { from, to } = await rig.planOf('deploy')
  // So long that it is still going on when the signal comes, which ends it.
  await rig.configure({ window: kind === 'verify' ? '120s' : '500ms' })
  const run = await rig.interruptIn(kind, 'deploy', '--no-wait')
  const outcome = await interrupted(run, from ?? '', to)
  if (['build-release', 'start-candidate', 'verify'].includes(kind)) expect(outcome).toBe('put back')
})

/** Two that are good, in turn; the third is the standby. */
async function nextRollback(): Promise<{ from: string; to: string }> {
  const from = await rig.live()
  const to = from === 'r1' ? 'r2' : 'r1'
  for (const release of [to, 'r3']) {
    await rig.ok('releases', 'mark', 'proven', release, '--reason', 'it is', '--yes')
  }
  return { from, to }
}

const rollback = tellingOf(await rig.planOf('rollback', 'r1'))
test.for(rollback)('SIGINT in %s of a rollback', async (kind) => {
  const { from, to } = await nextRollback()
  const outcome = await interrupted(await rig.interruptIn(kind, 'rollback', to), from, to)
  if (kind === 'start-candidate') expect(outcome).toBe('put back')
  if (kind === 'verify') expect(outcome).toBe('switched')
})
