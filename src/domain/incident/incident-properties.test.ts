import fc from 'fast-check'
import { expect, test } from 'vitest'
import { evilFacts } from '../../../test/support/evil-incident.ts'
import {
  badReleaseFacts,
  errorRate,
  type Fact,
  journalOf,
  rollbackPlan,
} from '../../../test/support/incident-journal.ts'
import { agendaMarkdown } from '../../render/agenda.ts'
import { incidentLines } from '../../render/incident-text.ts'
import { composeReport } from '../../render/report/compose-report.ts'
import { reportHtml } from '../../render/report/report-html.ts'
import { reportMarkdown } from '../../render/report/report-markdown.ts'
import { NO_CONTACTS } from '../contacts/contacts.ts'
import { nextPage } from '../contacts/escalation.ts'
import type { JournalEvent } from '../event.ts'
import { applyEvents, emptyState, foldService } from '../fold-service.ts'
import { checklistOf } from './checklist.ts'
import { CHECKLIST } from './checklist-items.ts'
import { applyIncidentEvents, foldIncidents } from './fold-incidents.ts'
import { emptyIncidentLog } from './incident-log.ts'

/** Any events in any order: also such as no writer would write, with ids that lead nowhere. */
const run = fc.constantFrom('run-1', 'run-2')
const incident = fc.constantFrom('i1', 'i2', 'i9')
const at = fc
  .integer({ min: 0, max: 100_000 })
  .map((s) => new Date(1_772_323_200_000 + s * 1_000).toISOString())
const id = fc.constantFrom('f1', 'f2', 'f3')
const step = fc.constantFrom('switch-traffic', 'verify', 'stop-old', 'clear-cache', 'swap-database')
const mode = fc.constantFrom('record', 'ask', 'act')
const item = fc.constantFrom(...CHECKLIST.map((known) => known.id), 'nothing')

const fact = fc.oneof(
  ...badReleaseFacts().map((known) => fc.constant(known)),
  ...evilFacts()
    .slice(-9)
    .map((known) => fc.constant(known)),
  fc.record({ id, mode }).map((facts) => ['FindingRecorded', { finding: { ...errorRate, ...facts } }]),
  id.map((finding) => ['FindingCleared', { finding, reason: 'x' }]),
  run.map((name) => [
    'RunStarted',
    { run: name, plan: rollbackPlan(name, 'r2', 'r1'), reason: 'x', forced: false },
  ]),
  fc
    .record({ run, kind: step })
    .map((facts) => ['StepSucceeded', { ...facts, step: facts.kind, ms: 1, evidence: {} }]),
  run.map((name) => ['RunStopped', { run: name, code: 'STOPPED_PART_WAY', message: 'x' }]),
  run.map((name) => ['RunPutBack', { run: name, code: 'X', message: 'x' }]),
  run.map((name) => ['RunResumed', { run: name, putBack: false }]),
  incident.map((name) => ['IncidentClosed', { incident: name, text: 'x', teamItems: [] }]),
  incident.map((name) => ['IncidentDismissed', { incident: name, reason: 'x' }]),
  fc
    .record({ incident, item })
    .map((facts) => ['ChecklistItemTicked', { ...facts, person: 'ann', note: null }]),
  fc.record({ incident, item }).map((facts) => ['ChecklistItemReopened', { ...facts, reason: 'x' }]),
  incident.map((name) => ['ReviewCancelled', { incident: name, uid: 'u', sequence: 1, reason: 'x' }]),
  fc.constant(['RecoveryJudged', { release: 'r1', outcome: 'refuted', requests: 1, detail: 'x' }]),
  fc.constant(['IncidentOpened', { title: 'x', severity: null, release: null, drill: false }]),
)

const log = fc
  .array(fc.tuple(fact, at), { maxLength: 40 })
  .map((facts) => journalOf(...facts.map(([[type, data], when]) => [type, data, { at: when }] as Fact)))

function everything(events: readonly JournalEvent[]): string {
  const state = foldService('store', events)
  return foldIncidents('store', events)
    .incidents.map((one) => {
      const checklist = checklistOf(one, [{ id: 'team-x', phase: 'during', title: 'X' }])
      const report = composeReport({ incident: one, state, checklist, events })
      const page = nextPage(one, { ...NO_CONTACTS, people: { ann } }, 'ann')
      return [
        reportMarkdown(report, new Map()),
        reportHtml(report, new Map()),
        incidentLines(one, checklist, 0, 80).join('\n'),
        agendaMarkdown(one, 'web1:/r/report.html'),
        JSON.stringify(page),
      ].join('\n')
    })
    .join('\n')
}

const ann = { name: 'Ann', phone: null, email: null, slack: null, timeZone: null, users: [] }

test('any prefix of any log can be folded, shown and reported', () => {
  fc.assert(
    fc.property(log, fc.nat(40), (events, cut) => {
      everything(events.slice(0, cut))
      everything(events)
    }),
    { numRuns: 150 },
  )
})

test('the same log is the same bytes, folded at once or in parts', () => {
  fc.assert(
    fc.property(log, (events) => {
      expect(everything(structuredClone(events))).toBe(everything(events))
      const parts = emptyIncidentLog('store')
      const state = emptyState('store')
      for (const event of events) {
        applyIncidentEvents(parts, [event])
        applyEvents(state, [event])
      }
      expect(parts).toEqual(foldIncidents('store', events))
    }),
    { numRuns: 50 },
  )
})

test('an incident never loses what it knew: its events, its place, and a time that was set by an event', () => {
  fc.assert(
    fc.property(log, (events) => {
      const folded = emptyIncidentLog('store')
      let before: { id: string; events: number; closed: string | null }[] = []
      for (const event of events) {
        applyIncidentEvents(folded, [event])
        const now = folded.incidents.map(({ id: name, timeline, times }) => ({
          id: name,
          events: timeline.length,
          closed: times.closed,
        }))
        for (const [i, old] of before.entries()) {
          expect(now[i]?.id).toBe(old.id)
          expect(now[i]?.events).toBeGreaterThanOrEqual(old.events)
          if (old.closed !== null) expect(now[i]?.closed).not.toBeNull()
        }
        before = now
      }
    }),
    { numRuns: 50 },
  )
})
