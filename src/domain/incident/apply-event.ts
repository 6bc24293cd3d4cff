import type { EventData, EventType, JournalEvent } from '../event.ts'
import type { Incident } from './incident.ts'
import type { IncidentLog } from './incident-log.ts'
import { aboutRelease, beginRun, changeRun, endRun } from './incident-runs.ts'
import { severityOfFinding, worse } from './severity.ts'
import type { IncidentId, Severity } from './words.ts'

type Applier<Data> = (incident: Incident, data: Data, event: JournalEvent, log: IncidentLog) => void
type Appliers = { [T in EventType]?: Applier<EventData[T]> }

/** What an event changes in the incident it belongs to; what has no entry is in its timeline, and no more. */
export function applyToIncident(incident: Incident, event: JournalEvent, log: IncidentLog): void {
  // The cast is the price of a table keyed by event type: `type` and `data` always belong together.
  const applier = appliers[event.type] as Applier<unknown> | undefined
  applier?.(incident, event.data, event, log)
}

const appliers: Appliers = {
  FindingRecorded(incident, { finding }, { seq }, log) {
    incident.findings.push(finding.id)
    log.openFindings.set(finding.id, incident.id)
    raise(incident, severityOfFinding(finding))
    aboutRelease(incident, finding.release, log)
    const { failingSince } = incident.times
    if (failingSince === null || finding.since < failingSince) incident.times.failingSince = finding.since
    const last = finding.course?.points.at(-1)
    if (last !== undefined) countImpact(incident, last.requests, last.bad, seq)
  },
  FindingCleared(incident, { finding, reason }, { at }, log) {
    log.openFindings.delete(finding)
    settle(incident, log, at, reason)
  },
  VerdictReached(incident, { verdict }, _, log) {
    incident.verdicts.push(verdict.id)
    log.openVerdicts.set(verdict.id, incident.id)
    aboutRelease(incident, verdict.release, log)
    incident.target = verdict.to ?? incident.target
  },
  VerdictEnded(incident, { verdict, reason }, { at }, log) {
    log.openVerdicts.delete(verdict)
    settle(incident, log, at, reason)
  },
  RunStarted(incident, data, event, log) {
    beginRun(incident, data, event, log)
    // Whoever rolls back by hand has it: nobody has to be woken to be told so.
    if (data.plan.verb !== 'rollback' || data.verdict !== undefined) return
    incident.times.acknowledged ??= event.at
    takePart(incident, event.actor)
  },
  RunResumed: (incident, { run }) =>
    changeRun(incident, run, (known) => {
      known.status = 'running'
    }),
  StepSucceeded(incident, data, { seq, at }) {
    const { run, step: id, kind, ms, evidence } = data
    changeRun(incident, run, ({ steps }) => steps.push({ id, kind, seq, at, ms, ok: true, evidence }))
    if (kind === 'switch-traffic') {
      incident.times.switched ??= at
      if (typeof evidence.gapMs === 'number')
        incident.impact.gapMs = (incident.impact.gapMs ?? 0) + evidence.gapMs
    }
    if (
      kind === 'stop-old' &&
      typeof evidence.leftRequests === 'number' &&
      typeof evidence.leftErrors === 'number'
    )
      countImpact(incident, evidence.leftRequests, evidence.leftErrors, seq)
  },
  StepFailed: (incident, { run, step: id, kind, ms, message }, { seq, at }) =>
    changeRun(incident, run, ({ steps }) =>
      steps.push({ id, kind, seq, at, ms, ok: false, evidence: { failed: message } }),
    ),
  StepUndone: (incident, { run, step: id, kind, ms }, { seq, at }) =>
    changeRun(incident, run, ({ steps }) =>
      steps.push({ id, kind, seq, at, ms, ok: false, evidence: { putBack: true } }),
    ),
  RunSucceeded(incident, { run }, { at }) {
    endRun(incident, run, 'succeeded')
    incident.times.verified ??= at
  },
  RunPutBack: (incident, { run }) => endRun(incident, run, 'put-back'),
  RunStopped(incident, { run }) {
    endRun(incident, run, 'stopped')
    raise(incident, 1)
  },
  VerificationRecorded(incident, { verification, run }, { at }) {
    if (run !== null && verification.outcome === 'passed') incident.times.verified ??= at
  },
  RecoveryJudged(incident, { outcome, detail }, { at }) {
    if (incident.state === 'monitoring' && outcome === 'confirmed') resolve(incident, at, detail)
    // Too soon: it goes on, and what is found now belongs to it.
    if (incident.state === 'resolved' && outcome === 'refuted') incident.times.resolved = null
  },
  MigrationsTakenDown(incident, { names }, { seq }) {
    incident.data.migrationsTakenDown = { seq, names }
  },
  DatabaseSwapped(incident, { checkpoint, kept, keptUntil, unavailableMs }, { seq }) {
    incident.data.restored = { seq, checkpoint, kept, keptUntil }
    addUnavailable(incident, unavailableMs)
  },
  DatabaseSwappedBack(incident, { unavailableMs }) {
    incident.data.restored = null
    addUnavailable(incident, unavailableMs)
  },
  RowsSalvaged: (incident, { tables }, { seq }) => void incident.data.salvaged.push({ seq, tables }),
  IncidentAcknowledged(incident, { person }, { at }) {
    incident.times.acknowledged ??= at
    incident.severityConfirmed = true
    takePart(incident, person)
    const page = incident.pages.findLast((asked) => asked.person === person && asked.answer === null)
    if (page) page.answer = { at, declined: false, text: null }
  },
  IncidentNoted(incident, { corrects, marks }, { seq, at }) {
    const wrong = incident.timeline.find((entry) => entry.seq === corrects)
    if (wrong) wrong.correctedBy = seq
    if (marks !== null) incident.times[marks] = at
  },
  IncidentSeveritySet(incident, { severity }) {
    incident.severity = severity
    incident.severityConfirmed = true
  },
  IncidentImpactAssessed: (incident, { text }, { seq, actor }) =>
    void incident.impact.texts.push({ seq, text, by: actor }),
  IncidentRoleAssigned(incident, { role, person }) {
    if (person === null) delete incident.roles[role]
    else incident.roles[role] = person
    if (person !== null) takePart(incident, person)
  },
  IncidentUpdated(incident, { text, eta, nextUpdate, public: isPublic }, { seq, at, actor }) {
    incident.eta = eta ?? incident.eta
    incident.nextUpdate = nextUpdate
    incident.updates.push({ seq, at, by: actor, text, public: isPublic })
  },
  IncidentUpdateMissed: (incident, { promised }) => void incident.missedUpdates.push(promised),
  PersonPaged(incident, { person, rung, round }, { seq, at }) {
    incident.pages.push({ seq, at, person, rung, round, answer: null })
    takePart(incident, person)
  },
  PageDeclined(incident, { person, reason }, { at }) {
    const page = incident.pages.findLast((asked) => asked.person === person && asked.answer === null)
    if (page) page.answer = { at, declined: true, text: reason }
  },
  ChecklistItemTicked(incident, { item, person, note }, { seq, at }) {
    incident.marks[item] = { seq, at, person, skipped: false, text: note }
  },
  ChecklistItemSkipped(incident, { item, person, reason }, { seq, at }) {
    incident.marks[item] = { seq, at, person, skipped: true, text: reason }
  },
  ChecklistItemReopened(incident, { item }) {
    delete incident.marks[item]
  },
  IncidentResolved: (incident, { text }, { at }) => resolve(incident, at, text),
  IncidentClosed(incident, { text, teamItems }, { at }) {
    incident.times.resolved ??= at
    incident.times.closed = at
    incident.closing = text
    incident.teamItems = teamItems
    incident.nextUpdate = null
  },
  IncidentDismissed(incident, { reason }, { at }) {
    incident.times.closed = at
    incident.dismissal = reason
    incident.nextUpdate = null
  },
  ActionItemAdded: (incident, { item: id, text, kind, owner, due }, { seq }) =>
    void incident.actions.push({ id, seq, text, kind, owner, due, filed: null, done: null }),
  ActionItemFiled(incident, { item, url }, { seq }) {
    const action = incident.actions.find(({ id }) => id === item)
    if (action) action.filed = { seq, url }
  },
  ActionItemDone(incident, { item, text }, { seq }) {
    const action = incident.actions.find(({ id }) => id === item)
    if (action) action.done = { seq, text }
  },
  ReportWritten(incident, _, { seq }) {
    incident.reportSeq ??= seq
  },
  ReviewScheduled(incident, { incident: _, ...facts }, { seq, at }) {
    incident.review = { ...facts, seq, changedAt: at, cancelled: null }
  },
  ReviewCancelled(incident, { sequence, reason }, { seq, at }) {
    if (incident.review)
      incident.review = { ...incident.review, sequence, seq, changedAt: at, cancelled: reason }
  },
}

/** A person's word stands; until then the worst that was found does. */
function raise(incident: Incident, severity: Severity): void {
  if (!incident.severityConfirmed) incident.severity = worse(incident.severity, severity)
}

/** The latest count of the whole is the truest: counters only grow. */
function countImpact(incident: Incident, requests: number, failed: number, seq: number): void {
  if (incident.impact.requests !== null && requests < incident.impact.requests) return
  incident.impact.requests = requests
  incident.impact.failed = failed
  incident.impact.seq = seq
}

function addUnavailable(incident: Incident, ms: number | null): void {
  if (ms !== null) incident.impact.databaseUnavailableMs = (incident.impact.databaseUnavailableMs ?? 0) + ms
}

/** It was over before anybody did anything: all that was found is cleared, and nothing was decided. */
function settle(incident: Incident, log: IncidentLog, at: string, reason: string): void {
  const { by } = incident.openedBy
  if (by !== 'finding' && by !== 'verdict') return
  if (
    incident.runs.length > 0 ||
    isOpen(incident.findings, log.openFindings) ||
    isOpen(incident.verdicts, log.openVerdicts)
  )
    return
  resolve(incident, at, reason)
}

function isOpen(parts: readonly string[], open: ReadonlyMap<string, IncidentId>): boolean {
  return parts.some((part) => open.has(part))
}

function resolve(incident: Incident, at: string, text: string): void {
  if (incident.times.closed !== null) return
  incident.times.resolved ??= at
  incident.resolution = text
  incident.nextUpdate = null
}

export function takePart(incident: Incident, person: string): void {
  if (!incident.participants.includes(person)) incident.participants.push(person)
}
