import type { JournalEvent } from '../event.ts'
import type { ReleaseId } from '../release.ts'
import { applyToIncident, takePart } from './apply-event.ts'
import { provenBy } from './evidence.ts'
import { type Incident, isActive } from './incident.ts'
import { isIncidentEvent } from './incident-events.ts'
import { emptyIncidentLog, findIncident, type IncidentLog } from './incident-log.ts'
import { beginRun } from './incident-runs.ts'
import { deriveState } from './incident-state.ts'
import { newIncident } from './new-incident.ts'
import { findOpening } from './opening.ts'
import { describeEvent } from './timeline.ts'
import type { IncidentId } from './words.ts'

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
  applyToIncident(incident, event, log)
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
