import { expect, test } from 'vitest'
import { badRelease, journalOf, rollbackPlan } from '../../../test/support/incident-journal.ts'
import { foldService } from '../fold-service.ts'
import { foldIncidents } from './fold-incidents.ts'
import { currentIncident } from './incident.ts'

test('an incident exists from its first finding on, and every time is that of the event it is from', () => {
  const { incidents } = foldIncidents('store', badRelease())
  expect(incidents).toHaveLength(1)
  expect(incidents[0]).toMatchObject({
    id: 'i1',
    state: 'resolved',
    release: 'r2',
    target: 'r1',
    severity: 1,
    severityConfirmed: true,
    findings: ['f1'],
    times: {
      deployed: '2026-03-01T03:00:20.000Z',
      failingSince: '2026-03-01T03:00:21.000Z',
      detected: '2026-03-01T03:00:30.000Z',
      acknowledged: '2026-03-01T03:00:50.000Z',
      rollbackStarted: '2026-03-01T03:00:40.000Z',
      switched: '2026-03-01T03:01:00.000Z',
      verified: '2026-03-01T03:01:10.000Z',
      resolved: '2026-03-01T03:01:50.000Z',
      closed: null,
    },
    impact: { requests: 400, failed: 250, gapMs: 12 },
    data: { lost: 'none: the database is not touched' },
    participants: ['ann'],
  })
  // The first that proves it: what comes later proves nothing more.
  const again = journalOf(['VerdictReached', { verdict: { ...verdict, id: 'v2', to: 'r0' } }])
  const [incident] = foldIncidents('store', [...badRelease().slice(0, 7), ...again]).incidents
  expect(incident?.evidence['version-identified']?.text).toBe('r1, as the verdict v1 says')
})

test('in every prefix the state is what has happened so far', () => {
  const events = badRelease()
  const states = events.map(
    (_, n) => currentIncident(foldIncidents('store', events.slice(0, n + 1)).incidents)?.state,
  )
  expect([...new Set(states)]).toEqual([undefined, 'open', 'mitigating', 'monitoring', 'resolved'])
})

test('a finding that is only to be recorded opens none; a stopped run and a person do', () => {
  const [quiet, ...rest] = [
    journalOf(['FindingRecorded', { finding: { ...finding(), mode: 'record' } }]),
    journalOf(['RunStopped', { run: 'a', code: 'STOPPED_PART_WAY', message: 'sick' }]),
    journalOf(['IncidentOpened', { title: 'shop is slow', severity: 3, release: null, drill: true }]),
  ]
  expect(foldIncidents('store', quiet ?? []).incidents).toEqual([])
  expect(
    rest.map((events) => foldIncidents('store', events).incidents.map(({ openedBy }) => openedBy.by)),
  ).toEqual([['stopped-run'], ['person']])
})

test('what was over before anybody did anything is resolved by itself, and the next finding opens another', () => {
  const { incidents } = foldIncidents(
    'store',
    journalOf(
      ['FindingRecorded', { finding: finding() }],
      ['FindingCleared', { finding: 'f1', reason: 'proven fine again' }],
      ['FindingRecorded', { finding: { ...finding(), id: 'f2' } }],
    ),
  )
  expect(incidents.map(({ id, state, resolution }) => [id, state, resolution])).toEqual([
    ['i1', 'resolved', 'proven fine again'],
    ['i2', 'open', null],
  ])
})

test('a recovery that turns out to be none takes it up again', () => {
  const refuted = journalOf([
    'RecoveryJudged',
    { release: 'r1', outcome: 'refuted', requests: 9, detail: 'worse' },
  ])
  const { incidents } = foldIncidents('store', [...badRelease(), ...refuted])
  expect(incidents[0]).toMatchObject({ state: 'monitoring', times: { resolved: null } })
})

test('a correction leaves what it corrects, and may move a time', () => {
  const events = journalOf(
    ['IncidentOpened', { title: 'slow', severity: null, release: null, drill: false }],
    ['IncidentNoted', { incident: 'i1', text: 'since three', corrects: null, marks: null }],
    ['IncidentNoted', { incident: 'i1', text: 'since two', corrects: 2, marks: 'failingSince' }],
  )
  const [incident] = foldIncidents('store', events).incidents
  expect(incident?.timeline.map(({ text, correctedBy }) => [text, correctedBy])).toEqual([
    ['Incident opened: slow', null],
    ['since three', 3],
    ['since two', null],
  ])
  expect(incident?.times.failingSince).toBe(events[2]?.at)
})

test('whoever rolls back by hand has it; what a verdict began nobody has', () => {
  const plan = rollbackPlan('run-9', 'r2', 'r1')
  const begun = (verdict: object) =>
    journalOf([
      'RunStarted',
      { run: 'run-9', plan, reason: 'it fails', forced: false, ...verdict },
      { actor: 'ann@web1' },
    ])
  const [byHand] = foldIncidents('store', begun({})).incidents
  expect(byHand).toMatchObject({
    participants: ['ann@web1'],
    severityConfirmed: false,
    times: { acknowledged: byHand?.times.detected },
  })
  const [byVerdict] = foldIncidents('store', begun({ verdict: 'v1' })).incidents
  expect(byVerdict).toMatchObject({ participants: [], times: { acknowledged: null } })
})

test('what is written about an incident makes no plan stale', () => {
  const before = foldService('store', badRelease()).position
  const after = foldService('store', [
    ...badRelease(),
    ...journalOf(['IncidentNoted', { incident: 'i1', text: 'x', corrects: null, marks: null }]),
  ]).position
  expect(after).toBe(before)
})

const verdict = {
  id: 'v1',
  release: 'r2',
  findings: [],
  decision: 'hold' as const,
  to: null,
  reason: 'x',
  corrupt: false,
  actAt: null,
}

const finding = () => ({
  id: 'f1',
  release: 'r2',
  trigger: 'slowdown' as const,
  key: '',
  summary: 'twice as slow',
  evidence: {},
  mode: 'ask' as const,
  since: '2026-03-01T03:00:00.000Z',
  course: null,
})
