import { afterAll, expect, test } from 'vitest'
import { openCrashRig } from './crash-rig.ts'

const rig = await openCrashRig('crash-lease')
afterAll(() => rig.close())

for (const version of ['1.0.0', '1.1.0']) {
  await rig.commit(version)
  await rig.ok('deploy', '--yes')
}

test('the next operator is told who is at it, and is let in when the lease of a killed process ends', async () => {
  const killed = await rig.lastgood(['rollback', 'r1', '--yes'], { at: 'switch-traffic/done' })
  expect(killed.exit).toBe(137)

  // Side by side: on a busy machine the lease might be over before the third has begun.
  const others = [['rollback'], ['rollback', 'r1'], ['deploy']]
  for (const refused of await Promise.all(others.map((args) => rig.lastgood([...args, '--yes', '--json'])))) {
    expect(refused).toMatchObject({ exit: 40, json: { code: 'LEASE_HELD', ok: false } })
    const { message } = refused.json
    expect(message).toMatch(/\(pid \d+\) holds tiny since \d{4}-.*: rollback r2 -> r1/)
  }
  // Waits by itself for what is left of the ten seconds.
  const resumed = await rig.ok('resume', '--yes')
  expect(resumed.json).toMatchObject({ outcome: 'succeeded' })
  await rig.expectOnly('r1')
})

test('of two rollbacks at once exactly one runs', async () => {
  await rig.ok('releases', 'mark', 'proven', 'r2', '--reason', 'it is', '--yes')
  const before = (await rig.events()).at(-1)?.seq ?? 0
  const both = await Promise.all([
    rig.lastgood(['rollback', 'r2', '--yes', '--json']),
    rig.lastgood(['rollback', 'r2', '--yes', '--json']),
  ])
  const [done, refused] = both.sort((a, b) => a.exit - b.exit)
  expect(done).toMatchObject({ exit: 0, json: { outcome: 'succeeded' } })
  // By the lease; or by its plan, when the other had begun and ended in between.
  expect(['LEASE_HELD', 'STALE_PLAN', 'TARGET_IS_LIVE']).toContain(refused?.json.code)
  expect(refused?.exit).toBeGreaterThan(0)
  const runs = (await rig.events(before)).filter(({ type }) => type === 'RunStarted')
  expect(runs).toHaveLength(1)
  await rig.expectOnly('r2')
})

test('what a process leaves that is killed while PM2 starts something is gone after resume', async () => {
  await rig.ok('releases', 'mark', 'proven', 'r1', '--reason', 'it is', '--yes')
  expect((await rig.killInStart('rollback', 'r1')).exit).toBe(137)
  // Waits for the lease, and so for the command that PM2 was given.
  await rig.ok('resume', '--yes')
  await rig.expectOnly('r1')
})
