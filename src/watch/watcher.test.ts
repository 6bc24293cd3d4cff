import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exhaustive } from '../../test/support/sampled.ts'
import { Killed, openWatchRig } from '../../test/support/watch-rig.ts'
import { openVerdict } from '../domain/verdict.ts'
import type { Watcher } from './watcher.ts'

type Rig = Awaited<ReturnType<typeof openWatchRig>>

/** A look a second, each after `requests` more answers. */
async function look(rig: Rig, watcher: Watcher, seconds: number, requests = 20, errors = 0) {
  for (let second = 0; second < seconds; second++) {
    rig.clock.advance(1_000)
    await rig.serve(requests, errors)
    await watcher.look()
    await watcher.close()
  }
}

const decisions = async (rig: Rig) =>
  (await rig.events('VerdictReached')).map(({ verdict }) => verdict.decision)

test('under act a failing release goes back after the countdown, and the way back is judged in its turn', async () => {
  const rig = await openWatchRig({ policy: 'act' })
  const watcher = rig.watcher()
  await look(rig, watcher, 20, 20, 20)
  expect(await rig.events('FindingRecorded')).toMatchObject([
    { finding: { id: 'f1', trigger: 'error-rate', release: 'r2' } },
  ])
  expect(await rig.events('RunStarted')).toEqual([])
  for (let tries = 0; (await rig.state()).live === 'r2' && tries < 40; tries++)
    await look(rig, watcher, 1, 20, 20)
  expect(await rig.events('RunStarted')).toMatchObject([{ verdict: 'v1' }])
  await look(rig, watcher, 120, 20, 0)
  expect(await rig.events('VerdictEnded')).toMatchObject([
    { verdict: 'v1', how: 'acted', reason: 'r1 serves now' },
  ])
  expect(await rig.events('RecoveryJudged')).toMatchObject([{ release: 'r1', outcome: 'confirmed' }])
  expect(await decisions(rig)).toEqual(['roll-back'])
})

test('what was rolled back to and fails as well is held, and paged', async () => {
  const rig = await openWatchRig({ policy: 'act', countdownMs: 0 })
  const watcher = rig.watcher()
  await look(rig, watcher, 120, 20, 20)
  expect(await decisions(rig)).toEqual(['roll-back', 'hold'])
  expect(await rig.events('RunStarted')).toHaveLength(1)
})

test('a countdown calls itself off when the errors are over', async () => {
  const rig = await openWatchRig({ policy: 'act', countdownMs: 300_000 })
  const watcher = rig.watcher()
  await look(rig, watcher, 20, 20, 20)
  await look(rig, watcher, 120, 50, 0)
  expect(await rig.events('VerdictEnded')).toMatchObject([{ verdict: 'v1', how: 'recovered' }])
  expect(await rig.events('RunStarted')).toEqual([])
  expect(openVerdict((await rig.state()).verdicts)).toBe(null)
  // And it can be found bad again.
  await look(rig, watcher, 40, 50, 50)
  expect(await rig.events('FindingRecorded')).toHaveLength(2)
})

test('counters that nobody can read convict nobody', async () => {
  const rig = await openWatchRig({ policy: 'act', countdownMs: 0 })
  rig.world.blind = true
  const watcher = rig.watcher()
  await look(rig, watcher, 60, 20, 20)
  expect(await rig.events('FindingRecorded')).toEqual([])
  expect((await watcher.look()).blind).toBe('nobody answers')
})

test('no request for longer than chance is a silence; requests that wait for their answers are none', async () => {
  const waiting = await openWatchRig()
  waiting.world.open = 0
  const watcher = waiting.watcher()
  await look(waiting, watcher, 60)
  waiting.world.open = 8
  await look(waiting, watcher, 10, 0)
  expect(await waiting.events('FindingRecorded')).toEqual([])
  waiting.world.open = 0
  await look(waiting, watcher, 2, 0)
  expect(await waiting.events('FindingRecorded')).toMatchObject([{ finding: { trigger: 'silence' } }])
})

test('a broken flow convicts with its second wrong answer; one that is only late has to outlast a burst', async () => {
  const wrong = { outcome: 'failed' as const, evidence: 'checkout: status 500', ms: 1, leftBehind: null }
  const rig = await openWatchRig()
  rig.world.flow = { ...wrong, late: false }
  await look(rig, rig.watcher(), 7, 0)
  expect(await rig.events('FindingRecorded')).toMatchObject([
    { finding: { trigger: 'critical', key: 'checkout' } },
  ])
  const late = await openWatchRig()
  late.world.flow = { ...wrong, late: true }
  const watcher = late.watcher()
  await look(late, watcher, 10, 0)
  expect(await late.events('FindingRecorded')).toEqual([])
  await look(late, watcher, 6, 0)
  expect(await late.events('FindingRecorded')).toHaveLength(1)
})

test('broken data takes the data back too', async () => {
  const invariant = { name: 'orders add up', sql: 'select 0', everyMs: 30_000, timeoutMs: 1_000 }
  const rig = await openWatchRig({ invariants: [invariant] })
  rig.world.invariant = { outcome: 'failed', evidence: '3', ms: 1 }
  await look(rig, rig.watcher(), 5)
  expect(await rig.events('VerdictReached')).toMatchObject([{ verdict: { decision: 'ask', corrupt: true } }])
})

test('after half an hour it says that fixing forward has failed; more time takes that back', async () => {
  const rig = await openWatchRig({ fixForwardMs: 60_000 })
  rig.world.flow = { outcome: 'failed', evidence: 'status 500', late: false, ms: 1, leftBehind: null }
  const watcher = rig.watcher()
  await look(rig, watcher, 70, 0)
  const triggers = async () =>
    (await rig.state()).findings.flatMap(({ trigger, cleared }) => (cleared === null ? [trigger] : []))
  expect(await triggers()).toEqual(['critical', 'fix-forward'])
  const until = new Date(rig.clock.now() + 60_000).toISOString()
  await rig.happened('FixForwardExtended', { release: 'r2', until, reason: 'the fix is in review' })
  await look(rig, watcher, 2, 0)
  expect(await triggers()).toEqual(['critical'])
})

test('a rollback that was put back is not tried again', async () => {
  const rig = await openWatchRig({ policy: 'act', countdownMs: 0 })
  rig.world.ends = 'put-back'
  await look(rig, rig.watcher(), 60, 20, 20)
  expect(await rig.events('RunStarted')).toHaveLength(1)
  expect(await decisions(rig)).toEqual(['roll-back', 'hold'])
})

test('killed anywhere, again and again, and begun anew: one rollback, and no finding twice', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 50 }), async (deaths) => {
      const rig = await openWatchRig({ policy: 'act', countdownMs: 5_000 })
      let left = deaths.shift() ?? Number.POSITIVE_INFINITY
      rig.world.crash = () => {
        left -= 1
        if (left > 0) return
        left = deaths.shift() ?? Number.POSITIVE_INFINITY
        throw new Killed()
      }
      let watcher = rig.watcher()
      for (let second = 0; second < 60; second++) {
        rig.clock.advance(1_000)
        const failing = (await rig.state()).live === 'r2'
        await rig.serve(20, failing ? 20 : 0)
        try {
          await watcher.look()
        } catch (error) {
          if (!(error instanceof Killed)) throw error
          watcher = rig.watcher()
        }
      }
      expect(await rig.events('RunStarted')).toHaveLength(1)
      expect(await rig.events('RunSucceeded')).toHaveLength(1)
      expect(await rig.events('FindingRecorded')).toHaveLength(1)
      expect((await rig.state()).live).toBe('r1')
    }),
    { numRuns: exhaustive ? 200 : 6 },
  )
})
