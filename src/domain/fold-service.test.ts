import { expect, test } from 'vitest'
import { badRelease } from '../../test/support/incident-journal.ts'
import { mark } from '../../test/support/planning.ts'
import { releaseFor } from '../../test/support/temporary-project.ts'
import type { EventData, EventType, JournalEvent } from './event.ts'
import { applyEvents, copyState, emptyState, foldService } from './fold-service.ts'
import type { Plan } from './plan.ts'
import { findRelease, unfinishedRun } from './service-state.ts'

/** A journal in short: what happened, in order, one second apart. */
function journalOf(...facts: { [T in EventType]: [T, EventData[T]] }[EventType][]): JournalEvent[] {
  return facts.map(([type, data], index) => {
    const at = new Date(Date.parse(mark.at) + index * 1_000).toISOString()
    const chain = { id: String(index), previousHash: '', hash: '' }
    // `type` and `data` are a pair by the tuple's own type.
    const event = { type, data, service: 'store', subject: 'service/store', actor: 'ann', at, recordedAt: at }
    return { ...event, ...chain, seq: index + 1 } as JournalEvent
  })
}

const built = (id: string): ['ReleaseBuilt', EventData['ReleaseBuilt']] => [
  'ReleaseBuilt',
  { release: releaseFor(id, { commit: id.repeat(4) }), buildMs: 1, files: 1, bytes: 1 },
]
const plan = { verb: 'rollback', to: 'r1', way: 'held', steps: [{ id: 'verify' }] } as unknown as Plan
const started: ['RunStarted', EventData['RunStarted']] = [
  'RunStarted',
  { run: 'a', plan, reason: 'it fails', forced: false },
]
const verify = { run: 'a', step: 'verify', kind: 'verify' } as const

test('knows what serves, since when and how it came', () => {
  const state = foldService(
    'store',
    journalOf(
      built('r1'),
      ['ReleaseWentLive', { release: 'r1', from: null, by: 'deploy' }],
      built('r2'),
      ['ReleaseWentLive', { release: 'r2', from: 'r1', by: 'deploy' }],
      ['ReleaseWentLive', { release: 'r1', from: 'r2', by: 'rollback' }],
    ),
  )
  expect(state).toMatchObject({ live: 'r1', liveBy: 'rollback', liveSince: '2026-03-01T03:00:04.000Z' })
  expect(findRelease(state, 'r1')?.firstLiveAt).toBe('2026-03-01T03:00:01.000Z')
})

test('a release that was taken down serves no more, unless another has taken its place', () => {
  const live = journalOf(built('r1'), ['ReleaseWentLive', { release: 'r1', from: null, by: 'deploy' }])
  const down = journalOf(['ReleaseTakenDown', { release: 'r1' }])
  expect(foldService('store', [...live, ...down])).toMatchObject({
    live: null,
    liveSince: null,
    liveBy: null,
  })
  const other = journalOf(['ReleaseTakenDown', { release: 'r9' }])
  expect(foldService('store', [...live, ...other]).live).toBe('r1')
})

test('a mark stands until it is taken back, and the commit goes with it', () => {
  const bad = journalOf(
    built('r1'),
    ['ReleaseMarkedProven', { release: 'r1', mark }],
    ['ReleaseMarkedBad', { release: 'r1', commit: 'r1r1r1r1', mark }],
  )
  const state = foldService('store', bad)
  expect(findRelease(state, 'r1')).toMatchObject({ proven: mark, bad: mark })
  expect(state.badCommits.get('r1r1r1r1')).toEqual(mark)
  applyEvents(state, journalOf(['ReleaseMarkedProven', { release: 'r1', mark }]))
  expect(findRelease(state, 'r1')?.bad).toBeNull()
  expect(state.badCommits.size).toBe(0)
})

test('a run without an end is unfinished, whatever its steps say; one that stopped is, too', () => {
  const state = foldService('store', journalOf(started, ['StepStarted', verify]))
  expect(unfinishedRun(state)).toMatchObject({ status: 'running', steps: { verify: { status: 'started' } } })
  applyEvents(
    state,
    journalOf(
      ['StepFailed', { ...verify, ms: 5, code: 'VERIFICATION_FAILED', message: 'sick' }],
      ['RunStopped', { run: 'a', code: 'STOPPED_PART_WAY', message: 'sick' }],
    ),
  )
  expect(unfinishedRun(state)).toMatchObject({ status: 'stopped', failure: { step: 'verify' } })
  applyEvents(state, journalOf(['RunResumed', { run: 'a', putBack: false }]))
  expect(unfinishedRun(state)).toMatchObject({ status: 'running', endedAt: null, puttingBack: false })
  applyEvents(
    state,
    journalOf(['StepSucceeded', { ...verify, ms: 5, evidence: {} }], ['RunSucceeded', { run: 'a', ms: 9 }]),
  )
  expect(unfinishedRun(state)).toBeNull()
})

test('a run that has begun to go back remembers it through a crash and a resume', () => {
  const state = foldService('store', journalOf(started, ['StepUndoStarted', verify]))
  applyEvents(state, journalOf(['RunResumed', { run: 'a', putBack: false }]))
  expect(unfinishedRun(state)?.puttingBack).toBe(true)
  applyEvents(state, journalOf(['StepUndone', { ...verify, ms: 1, evidence: {} }]))
  applyEvents(state, journalOf(['RunPutBack', { run: 'a', code: 'INTERRUPTED', message: '' }]))
  expect(unfinishedRun(state)).toBeNull()
})

test('remembers the last nine durations of a kind of step, and gaps by way', () => {
  const succeeded = (ms: number): ['StepSucceeded', EventData['StepSucceeded']] => [
    'StepSucceeded',
    { ...verify, ms, evidence: { gapMs: ms } },
  ]
  const state = foldService(
    'store',
    journalOf(started, ...Array.from({ length: 12 }, (_, n) => succeeded(n))),
  )
  expect(state.measured.steps.verify).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11])
  expect(state.measured.gaps.held).toHaveLength(9)
})

test("skips other services' events, and those of a newer lastgood", () => {
  const events = journalOf(built('r1'), built('r2'))
  const foreign = { ...events[1], service: 'shop' } as JournalEvent
  const newer = { ...events[1], type: 'SomethingNew', seq: 9 } as unknown as JournalEvent
  const state = foldService('store', [...events.slice(0, 1), foreign, newer])
  expect(state.releases.map(({ id }) => id)).toEqual(['r1'])
})

test('folding in parts is folding at once', () => {
  const events = journalOf(
    built('r1'),
    started,
    ['StepStarted', verify],
    ['RunSucceeded', { run: 'a', ms: 1 }],
  )
  const parts = events.reduce((state, event) => applyEvents(state, [event]), emptyState('store'))
  expect(parts).toEqual(foldService('store', events))
})

test('what a copy goes on to is nothing to the one it was made of', () => {
  const events = badRelease()
  for (let cut = 0; cut < events.length; cut++) {
    const state = foldService('store', events.slice(0, cut))
    const before = structuredClone(state)
    const copy = applyEvents(copyState(state), events.slice(cut))
    expect(state).toEqual(before)
    expect(copy).toEqual(foldService('store', events))
  }
})
