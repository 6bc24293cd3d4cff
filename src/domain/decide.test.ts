import fc from 'fast-check'
import { expect, test } from 'vitest'
import { stateOf } from '../../test/support/planning.ts'
import { type DecisionInput, decide, type Move, wantsDecision } from './decide.ts'
import type { EventData, EventType, JournalEvent } from './event.ts'
import { applyEvents } from './fold-service.ts'
import type { Plan } from './plan.ts'
import type { ServiceState } from './service-state.ts'
import type { Trigger, TriggerMode } from './trigger.ts'
import { nextVerdictId } from './verdict.ts'

const START = Date.parse('2026-03-01T03:00:00.000Z')
const COUNTDOWN_MS = 30_000

/** A service whose r2 serves, proven r1 behind it, and a clock that the test turns. */
function scene(policy: 'ask' | 'act' = 'act', liveBy: ServiceState['liveBy'] = 'deploy') {
  const state: ServiceState = { ...stateOf('r2', 'r1 proven', 'r2'), liveBy }
  let seconds = 0
  let wayBack: DecisionInput['wayBack'] = { ok: true, to: 'r1' }
  let seq = 0
  const at = () => new Date(START + seconds * 1000).toISOString()
  const happened = <T extends EventType>(type: T, data: EventData[T]) => {
    seq += 1
    const event = { type, data, seq, service: 'store', subject: '', actor: 'ann', at: at(), recordedAt: at() }
    applyEvents(state, [event as unknown as JournalEvent])
  }
  const deploy = () => {
    const plan = { verb: 'deploy', from: 'r1', to: 'r2', steps: [] } as unknown as Plan
    happened('RunStarted', { run: 'deploy', plan, reason: '', forced: false })
  }
  const run = (verdict: string, status: 'succeeded' | 'put-back' | 'stopped' | 'running') => {
    const plan = { verb: 'rollback', from: state.live, to: 'r1', way: 'held', steps: [] } as unknown as Plan
    const id = `run-${seq}`
    happened('RunStarted', { run: id, plan, reason: '', forced: false, verdict })
    if (status === 'succeeded') {
      happened('ReleaseWentLive', { release: 'r1', from: 'r2', by: 'rollback' })
      happened('RunSucceeded', { run: id, ms: 1 })
    }
    if (status === 'put-back') happened('RunPutBack', { run: id, code: 'TARGET_SICK', message: 'sick' })
    if (status === 'stopped')
      happened('RunStopped', { run: id, code: 'STOPPED_PART_WAY', message: 'stopped' })
  }
  return {
    state,
    wait: (more: number) => {
      seconds += more
    },
    noWay: (why: string) => {
      wayBack = { ok: false, why }
    },
    find(id: string, trigger: Trigger = 'error-rate', mode: TriggerMode = 'act') {
      const finding = { id, release: state.live ?? '', trigger, key: id, summary: `${trigger} is bad`, mode }
      happened('FindingRecorded', { finding: { ...finding, evidence: {}, since: at(), course: null } })
    },
    deploy,
    deployed: () => happened('RunSucceeded', { run: 'deploy', ms: 1 }),
    clear: (id: string) => happened('FindingCleared', { finding: id, reason: 'well again' }),
    cancel: (verdict: string) => happened('VerdictEnded', { verdict, how: 'cancelled', reason: 'a test' }),
    run,
    /** One move, made as a watcher makes it. */
    move(): Move {
      const now = START + seconds * 1000
      const made = decide({ state, policy, now, countdownMs: COUNTDOWN_MS, wayBack })
      if (made.move === 'end') happened('VerdictEnded', made)
      if (made.move === 'decide') {
        const id = nextVerdictId(state.verdicts)
        if (made.instead !== null)
          happened('VerdictEnded', { verdict: made.instead, how: 'superseded', reason: id })
        happened('VerdictReached', { verdict: { ...made.verdict, id } })
      }
      return made
    },
  }
}

test('nothing found, nothing said', () => {
  expect(scene().move()).toEqual({ move: 'carry-on' })
})

test('what may act counts down, once, and then acts', () => {
  const { find, move, wait } = scene()
  find('f1')
  expect(move()).toMatchObject({
    verdict: { decision: 'roll-back', to: 'r1', findings: ['f1'], actAt: '2026-03-01T03:00:30.000Z' },
  })
  expect(move()).toEqual({ move: 'carry-on' })
  wait(29.9)
  expect(move()).toEqual({ move: 'carry-on' })
  wait(0.1)
  expect(move()).toMatchObject({ move: 'act', verdict: { id: 'v1' } })
})

test('a deploy that is still at work comes to its end first', () => {
  const { deploy, deployed, find, move, wait } = scene()
  deploy()
  find('f1')
  expect(move()).toMatchObject({ verdict: { decision: 'roll-back', to: 'r1' } })
  wait(31)
  expect(move()).toEqual({ move: 'carry-on' })
  deployed()
  expect(move()).toMatchObject({ move: 'act', verdict: { id: 'v1' } })
})

test('the policy ask caps what may act, and a finding that is only recorded weighs nothing', () => {
  const asking = scene('ask')
  asking.find('f1', 'silence', 'record')
  expect(wantsDecision(asking.state)).toBe(false)
  expect(asking.move()).toEqual({ move: 'carry-on' })
  asking.find('f2')
  expect(asking.move()).toMatchObject({ verdict: { decision: 'ask', actAt: null, findings: ['f2'] } })
  asking.wait(3600)
  expect(asking.move()).toEqual({ move: 'carry-on' })
})

test('a signal that recovers ends the countdown', () => {
  const { find, clear, move, wait } = scene()
  find('f1')
  move()
  clear('f1')
  wait(60)
  expect(move()).toMatchObject({ move: 'end', verdict: 'v1', how: 'recovered' })
  expect(move()).toEqual({ move: 'carry-on' })
})

test('what a person has called off is not raised again by the same finding, but by another', () => {
  const { find, cancel, move, wait } = scene()
  find('f1')
  move()
  cancel('v1')
  wait(60)
  expect(move()).toEqual({ move: 'carry-on' })
  find('f2', 'critical')
  expect(move()).toMatchObject({ verdict: { decision: 'roll-back', findings: ['f2'] } })
})

test('damaged rows change the way, and do not begin the countdown anew', () => {
  const { find, move, wait } = scene()
  find('f1')
  move()
  wait(20)
  find('f2', 'corruption')
  expect(move()).toMatchObject({
    instead: 'v1',
    verdict: { corrupt: true, findings: ['f1', 'f2'], actAt: '2026-03-01T03:00:30.000Z' },
  })
})

test('a rollback is never rolled back by itself', () => {
  const { find, move } = scene('act', 'rollback')
  find('f1')
  expect(move()).toMatchObject({
    verdict: { decision: 'hold', reason: expect.stringContaining('is not rolled back by itself') },
  })
})

test('with nowhere proven to go it holds, and says why; once there is a way, it takes it', () => {
  const there = scene()
  there.noWay('no other release is proven')
  there.find('f1')
  expect(there.move()).toMatchObject({
    verdict: { decision: 'hold', to: null, reason: expect.stringContaining('no other release is proven') },
  })
  expect(there.move()).toEqual({ move: 'carry-on' })
})

test.for(['put-back', 'stopped'] as const)('a rollback that ended %s is not tried again', (status) => {
  const { find, move, run, wait } = scene()
  find('f1')
  move()
  wait(30)
  expect(move()).toMatchObject({ move: 'act' })
  run('v1', status)
  expect(move()).toMatchObject({ move: 'end', how: 'acted' })
  expect(move()).toMatchObject({ verdict: { decision: 'hold' } })
})

test('another release that serves ends the verdict on the one before', () => {
  const { find, move, run, wait } = scene()
  find('f1')
  move()
  wait(30)
  move()
  run('v1', 'succeeded')
  expect(move()).toMatchObject({ move: 'end', verdict: 'v1' })
  expect(move()).toEqual({ move: 'carry-on' })
})

type Turn = 'find' | 'corrupt' | 'clear' | 'cancel' | 'wait' | 'fail' | 'succeed'
const turns: Turn[] = ['find', 'corrupt', 'clear', 'cancel', 'wait', 'fail', 'succeed']

test('whatever happens in whatever order: one rollback a release, and never on a verdict that was called off', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...turns), { maxLength: 40 }), (happenings) => {
      const there = scene()
      const acted: string[] = []
      let next = 1
      for (const turn of happenings) {
        const open = there.state.findings.find(({ cleared }) => cleared === null)
        const standing = there.state.verdicts.find(({ ended }) => ended === null)
        if (turn === 'find') there.find(`f${next++}`)
        if (turn === 'corrupt') there.find(`f${next++}`, 'corruption')
        if (turn === 'clear' && open) there.clear(open.id)
        if (turn === 'cancel' && standing) there.cancel(standing.id)
        if (turn === 'wait') there.wait(20)
        for (let moves = 0; moves < 6; moves++) {
          const made = there.move()
          if (made.move === 'carry-on') break
          if (made.move !== 'act') continue
          expect(made.verdict.ended).toBe(null)
          expect(there.state.liveBy).not.toBe('rollback')
          acted.push(made.verdict.release)
          there.run(made.verdict.id, turn === 'fail' ? 'put-back' : 'succeeded')
        }
        expect(there.state.verdicts.filter(({ ended }) => ended === null).length).toBeLessThanOrEqual(1)
      }
      expect(new Set(acted).size).toBe(acted.length)
    }),
  )
})
