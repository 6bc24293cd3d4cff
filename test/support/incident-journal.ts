import type { EventData, EventType, JournalEvent, NewEvent } from '../../src/domain/event.ts'
import type { FindingFacts } from '../../src/domain/finding.ts'
import type { Plan, StepKind } from '../../src/domain/plan.ts'
import { step } from '../../src/planner/steps.ts'
import { releaseFor } from './temporary-project.ts'

export type Fact = {
  [T in EventType]: [T, EventData[T], ({ at?: string; actor?: string; subject?: string } | undefined)?]
}[EventType]

const START = Date.parse('2026-03-01T03:00:00.000Z')

/** What somebody would hand to the journal, ten seconds apart where nothing else is said. */
export function newEventsOf(facts: readonly Fact[], start = START, service = 'store'): NewEvent[] {
  return facts.map(([type, data, other], index) => {
    const at = other?.at ?? new Date(start + index * 10_000).toISOString()
    // `type` and `data` are a pair by the tuple's own type.
    return {
      type,
      data,
      service,
      subject: `service/${service}`,
      actor: 'lastgood@web1',
      ...other,
      at,
    } as NewEvent
  })
}

/** A journal in short: what happened, in order. */
export function journalOf(...facts: Fact[]): JournalEvent[] {
  return newEventsOf(facts).map((event, index) => {
    const seq = index + 1
    return {
      ...event,
      seq,
      id: String(seq),
      recordedAt: event.at,
      previousHash: '',
      hash: '',
    } as JournalEvent
  })
}

export const errorRate: FindingFacts = {
  id: 'f1',
  release: 'r2',
  trigger: 'error-rate',
  key: '',
  summary: '180 of 300 requests fail on r2 since 03:00:21',
  evidence: { requests: 300, errors: 180 },
  mode: 'act',
  since: '2026-03-01T03:00:21.000Z',
  course: {
    threshold: 6.9,
    points: [
      { at: START + 21_000, logE: 0, requests: 0, bad: 0 },
      { at: START + 25_000, logE: 3.1, requests: 120, bad: 60 },
      { at: START + 29_000, logE: 9.4, requests: 300, bad: 180 },
    ],
  },
}

const KINDS: StepKind[] = [
  'check-target',
  'start-candidate',
  'probe-candidate',
  'switch-traffic',
  'verify',
  'stop-old',
]

export function rollbackPlan(id: string, from: string, to: string): Plan {
  const estimate = { ms: 4_000, source: 'measured' as const, runs: 3 }
  return {
    id,
    service: 'store',
    verb: 'rollback',
    from,
    to,
    way: 'held',
    data: null,
    position: 1,
    madeAt: '2026-03-01T03:00:39.000Z',
    steps: KINDS.map((kind) => step(kind, { release: to, from }, `${kind}, because it must be`)),
    pointOfNoReturn: 'switch-traffic',
    options: [],
    dataLoss: 'none: the database is not touched',
    unavailability: { ms: 0, source: 'default', runs: 0 },
    readOnly: null,
    untilSwitched: estimate,
    eta: estimate,
  }
}

/** r1 serves, r2 is bad, the judge finds it, the rollback runs, ann has it, and it is well again: 16 events. */
export function badReleaseFacts(): Fact[] {
  const done = (
    kind: StepKind,
    ms: number,
    at: { at: string },
    evidence: EventData['StepSucceeded']['evidence'] = {},
  ): Fact => ['StepSucceeded', { run: 'run-1', step: kind, kind, ms, evidence }, at]
  const second = (n: number) => ({ at: new Date(START + n * 1_000).toISOString() })
  return [
    [
      'ReleaseBuilt',
      { release: releaseFor('r1', { version: '1.0.0' }), buildMs: 1, files: 1, bytes: 1 },
      second(0),
    ],
    ['ReleaseWentLive', { release: 'r1', from: null, by: 'deploy' }, second(1)],
    [
      'ReleaseBuilt',
      { release: releaseFor('r2', { version: '1.1.0' }), buildMs: 1, files: 1, bytes: 1 },
      second(10),
    ],
    ['ReleaseWentLive', { release: 'r2', from: 'r1', by: 'deploy' }, second(20)],
    ['FindingRecorded', { finding: errorRate }, second(30)],
    [
      'VerdictReached',
      {
        verdict: {
          id: 'v1',
          release: 'r2',
          findings: ['f1'],
          decision: 'roll-back',
          to: 'r1',
          reason: 'r2 fails, and r1 did not',
          corrupt: false,
          actAt: '2026-03-01T03:00:39.000Z',
        },
      },
      second(31),
    ],
    [
      'RunStarted',
      {
        run: 'run-1',
        plan: rollbackPlan('run-1', 'r2', 'r1'),
        reason: 'verdict v1',
        forced: false,
        verdict: 'v1',
      },
      second(40),
    ],
    [
      'IncidentAcknowledged',
      { incident: 'i1', person: 'ann' },
      { ...second(50), actor: 'ann', subject: 'incident/i1' },
    ],
    done('switch-traffic', 900, second(60), { serves: 'r1', gapMs: 12 }),
    ['ReleaseWentLive', { release: 'r1', from: 'r2', by: 'rollback' }, second(60)],
    done('verify', 1_800, second(70), { checks: 6 }),
    [
      'VerificationRecorded',
      {
        release: 'r1',
        run: 'run-1',
        verification: {
          outcome: 'passed',
          release: 'r1',
          startedAt: second(62).at,
          windowMs: 8_000,
          rounds: 4,
          checks: [],
        },
      },
      second(70),
    ],
    done('stop-old', 1_600, second(75), { stopped: 'store-r2', leftRequests: 400, leftErrors: 250 }),
    ['RunSucceeded', { run: 'run-1', ms: 38_000 }, second(80)],
    ['VerdictEnded', { verdict: 'v1', how: 'acted', reason: 'rolled back' }, second(81)],
    [
      'RecoveryJudged',
      { release: 'r1', outcome: 'confirmed', requests: 600, detail: '0 of 600 requests fail on r1' },
      second(110),
    ],
  ]
}

export const badRelease = () => journalOf(...badReleaseFacts())
