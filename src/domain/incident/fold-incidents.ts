import type { EventData, EventType, JournalEvent } from '../event.ts'
import type { ReleaseId } from '../release.ts'
import { provenBy } from './evidence.ts'
import { type Incident, type IncidentRun, incidentNumber, isActive } from './incident.ts'
import { isIncidentEvent } from './incident-events.ts'
import { deriveState } from './incident-state.ts'
import { findOpening, type Opening } from './opening.ts'
import { severityOfFinding, worse } from './severity.ts'
import { describeEvent } from './timeline.ts'
import type { IncidentId, Severity } from './words.ts'

/** All incidents of one service, and what has to be known of the rest to tell them. */
export interface IncidentLog {
  service: string
  /** `seq` of the newest event that was folded in. */
  position: number
  incidents: Incident[]
  /** Those that are going on, oldest first. */
  active: Incident[]
  /** `seq` of what tells how a release was put out. */
  deploys: Map<ReleaseId, number[]>
  /** When each release last began to serve. */
  liveSince: Map<ReleaseId, string>
  live: ReleaseId | null
  /** Which incident a run belongs to. */
  runs: Map<string, IncidentId>
  /** Runs that began outside of any: one that stops part way opens one. */
  strays: Map<string, { data: EventData['RunStarted']; seq: number; at: string }>
  /** Open findings and verdicts of incidents. */
  openFindings: Map<string, IncidentId>
  openVerdicts: Map<string, IncidentId>
}

export function emptyIncidentLog(service: string): IncidentLog {
  return {
    service,
    position: 0,
    incidents: [],
    active: [],
    deploys: new Map(),
    liveSince: new Map(),
    live: null,
    runs: new Map(),
    strays: new Map(),
    openFindings: new Map(),
    openVerdicts: new Map(),
  }
}

/** A release that serves for months is verified every hour; how it began is what matters. */
const MOST_OF_A_DEPLOY = 30

/** Incidents are what the journal tells: an incident exists from the first event on that opens one. */
export function foldIncidents(service: string, events: Iterable<JournalEvent>): IncidentLog {
  return applyIncidentEvents(emptyIncidentLog(service), events)
}

/** Goes on from a log that was folded before. Changes it, and returns it. */
export function applyIncidentEvents(log: IncidentLog, events: Iterable<JournalEvent>): IncidentLog {
  for (const event of events) {
    if (event.service !== log.service) continue
    log.position = event.seq
    applyOne(log, event)
  }
  return log
}

export function findIncident(log: IncidentLog, id: IncidentId): Incident | null {
  // Numbered by their place.
  return log.incidents[incidentNumber(id) - 1] ?? null
}

function applyOne(log: IncidentLog, event: JournalEvent): void {
  rememberRelease(log, event)
  const incident = incidentOf(log, event) ?? openBy(log, event)
  if (incident === null) {
    if (event.type === 'RunStarted')
      log.strays.set(event.data.run, { data: event.data, seq: event.seq, at: event.at })
    if (event.type === 'RunSucceeded' || event.type === 'RunPutBack') log.strays.delete(event.data.run)
    return
  }
  const entry = describeEvent(event)
  if (entry !== null) incident.timeline.push(entry)
  const applier = appliers[event.type] as
    | ((incident: Incident, data: unknown, event: JournalEvent, log: IncidentLog) => void)
    | undefined
  applier?.(incident, event.data, event, log)
  for (const { item, text, needless = false } of provenBy(event, incident))
    incident.evidence[item] ??= { seq: event.seq, at: event.at, text, needless }
  if (entry !== null && entry.kind === 'person') takePart(incident, event.actor)
  incident.state = deriveState(incident)
  if (isActive(incident) !== log.active.includes(incident))
    log.active = isActive(incident) ? [...log.active, incident] : without(log.active, incident)
}

function without(incidents: readonly Incident[], gone: Incident): Incident[] {
  return incidents.filter((incident) => incident !== gone)
}

function rememberRelease(log: IncidentLog, event: JournalEvent): void {
  if (event.type === 'ReleaseWentLive') {
    log.liveSince.set(event.data.release, event.at)
    log.live = event.data.release
  }
  const about = deployedBy(event)
  if (about !== null) {
    const seqs = log.deploys.get(about) ?? []
    if (seqs.length < MOST_OF_A_DEPLOY) log.deploys.set(about, [...seqs, event.seq])
  }
  if (event.type === 'ReleaseTakenDown' && log.live === event.data.release) log.live = null
}

/** Which release it tells the deploy of; null: of none. */
function deployedBy(event: JournalEvent): ReleaseId | null {
  switch (event.type) {
    case 'ReleaseBuilt':
    case 'ReleaseAdopted':
      return event.data.release.id
    case 'RunStarted':
      return event.data.plan.verb === 'deploy' ? event.data.plan.to : null
    case 'ReleaseWentLive':
    case 'ReleaseMarkedProven':
    case 'WaysBackRehearsed':
    case 'CheckpointCreated':
    case 'VerificationRecorded':
      return event.data.release
    default:
      return null
  }
}

/** To which one an event belongs; null: to none that there is. */
function incidentOf(log: IncidentLog, event: JournalEvent): Incident | null {
  if (event.type === 'IncidentOpened') return null
  // Whatever is written about an incident names it, messages too.
  const named = /^incident\/(i\d+)$/.exec(event.subject)?.[1]
  if (named !== undefined) return findIncident(log, named)
  if (isIncidentEvent(event.type)) return findIncident(log, (event.data as { incident: IncidentId }).incident)
  const byPart = incidentOfPart(log, event)
  if (byPart !== undefined) return findIncident(log, byPart)
  const active = log.active.at(-1)
  if (active !== undefined) return active
  if (event.type === 'RecoveryJudged' || event.type === 'RowsSalvaged') return newestResolved(log)
  return null
}

/** Runs, findings and verdicts stay with the incident they began in. */
function incidentOfPart(log: IncidentLog, event: JournalEvent): IncidentId | undefined {
  if (event.type === 'FindingCleared') return log.openFindings.get(event.data.finding)
  if (event.type === 'VerdictEnded') return log.openVerdicts.get(event.data.verdict)
  const { run } = event.data as { run?: unknown }
  return typeof run === 'string' ? log.runs.get(run) : undefined
}

/** What is found out later about one that is over but not done with. */
function newestResolved(log: IncidentLog): Incident | null {
  return log.incidents.findLast(({ state }) => state === 'resolved') ?? null
}

function openBy(log: IncidentLog, event: JournalEvent): Incident | null {
  const opening = findOpening(event, log)
  if (opening === null) return null
  const incident = newIncident(log, opening, event)
  log.incidents.push(incident)
  const stray = event.type === 'RunStopped' ? log.strays.get(event.data.run) : undefined
  if (stray !== undefined) beginRun(incident, stray.data, stray, log)
  return incident
}

function newIncident(log: IncidentLog, opening: Opening, event: JournalEvent): Incident {
  const { release } = opening
  return {
    id: `i${log.incidents.length + 1}`,
    key: event.id,
    service: log.service,
    title: opening.title,
    state: 'open',
    drill: opening.drill,
    severity: opening.severity,
    severityConfirmed: opening.severityConfirmed,
    openedBy: { seq: event.seq, by: opening.by, actor: event.actor },
    release,
    target: null,
    findings: [],
    verdicts: [],
    runs: [],
    times: {
      deployed: release === null ? null : (log.liveSince.get(release) ?? null),
      failingSince: opening.failingSince,
      detected: event.at,
      acknowledged: null,
      rollbackStarted: null,
      switched: null,
      verified: null,
      resolved: null,
      closed: null,
    },
    impact: { requests: null, failed: null, seq: null, gapMs: null, databaseUnavailableMs: null, texts: [] },
    data: { lost: null, seq: null, restored: null, migrationsTakenDown: null, salvaged: [] },
    roles: {},
    participants: [],
    pages: [],
    eta: null,
    nextUpdate: null,
    missedUpdates: [],
    updates: [],
    resolution: null,
    closing: null,
    dismissal: null,
    evidence: {},
    marks: {},
    teamItems: null,
    actions: [],
    review: null,
    reportSeq: null,
    timeline: [],
  }
}

type Appliers = {
  [T in EventType]?: (incident: Incident, data: EventData[T], event: JournalEvent, log: IncidentLog) => void
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

function beginRun(
  incident: Incident,
  { run: id, plan }: EventData['RunStarted'],
  { seq, at }: { seq: number; at: string },
  log: IncidentLog,
): void {
  const { verb, from, to } = plan
  incident.runs.push({
    id,
    verb,
    from,
    to,
    status: 'running',
    startedSeq: seq,
    startedAt: at,
    plan,
    steps: [],
  })
  log.runs.set(id, incident.id)
  if (verb !== 'rollback') return
  aboutRelease(incident, from, log)
  incident.target = to
  incident.times.rollbackStarted ??= at
  incident.data.lost = plan.dataLoss
  incident.data.seq = seq
}

function changeRun(incident: Incident, id: string, mutate: (run: IncidentRun) => void): void {
  const run = incident.runs.findLast((known) => known.id === id)
  if (run) mutate(run)
}

function endRun(incident: Incident, id: string, status: IncidentRun['status']): void {
  changeRun(incident, id, (run) => {
    run.status = status
  })
}

/** A person's word stands; until then the worst that was found does. */
function raise(incident: Incident, severity: Severity): void {
  if (!incident.severityConfirmed) incident.severity = worse(incident.severity, severity)
}

function aboutRelease(incident: Incident, release: ReleaseId | null, log: IncidentLog): void {
  if (incident.release !== null || release === null) return
  incident.release = release
  incident.times.deployed = log.liveSince.get(release) ?? null
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

function takePart(incident: Incident, person: string): void {
  if (!incident.participants.includes(person)) incident.participants.push(person)
}
