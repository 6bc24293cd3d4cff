import type { EventData, EventType, JournalEvent } from '../event.ts'
import type { ItemId } from './checklist-items.ts'
import type { Incident } from './incident.ts'
import { severityName } from './severity.ts'
import { minuteOf } from './timeline.ts'

export interface Proven {
  item: ItemId
  text: string
  /** It proves that there was nothing to do. */
  needless?: boolean
}

type Rules = {
  [T in EventType]?: (data: EventData[T], incident: Incident, event: JournalEvent) => Proven[]
}

/**
 * Which event ticks which item. An item is proven by the first event that does; only what belongs to the incident is asked,
 * after it was folded in.
 */
const rules: Rules = {
  IncidentAcknowledged: (data, incident) => [
    { item: 'severity-confirmed', text: `${data.person} took it as ${severityName(incident.severity)}` },
  ],
  IncidentSeveritySet: ({ severity, reason }, _, { actor }) => [
    { item: 'severity-confirmed', text: `${severityName(severity)}, said ${actor}: ${reason}` },
  ],
  IncidentImpactAssessed: ({ text }) => [{ item: 'impact-assessed', text }],
  FindingRecorded({ finding }) {
    const last = finding.course?.points.at(-1)
    if (last === undefined || last.requests === 0) return []
    return [
      { item: 'impact-assessed', text: `${last.bad} of ${last.requests} requests on ${finding.release}` },
    ]
  },
  VerdictReached: ({ verdict }) =>
    verdict.to === null
      ? []
      : [{ item: 'version-identified', text: `${verdict.to}, as the verdict ${verdict.id} says` }],
  RunStarted: ({ plan }) =>
    plan.verb === 'rollback' ? [{ item: 'version-identified', text: `${plan.to}, as the plan says` }] : [],
  IncidentUpdated: ({ text }) => [{ item: 'communication-prepared', text }],
  ReleaseWentLive: ({ release, from }) => [
    {
      item: 'application-rolled-back',
      text: `${release} has taken over${from === null ? '' : ` from ${from}`}`,
    },
  ],
  MigrationsTakenDown: ({ names }) => [
    { item: 'database-rolled-back', text: `taken down: ${names.join(', ')}` },
  ],
  DatabaseSwapped: ({ checkpoint, kept }) => [
    {
      item: 'database-rolled-back',
      text: `${checkpoint} was restored and serves${kept === null ? '' : `; the damaged one is kept as ${kept}`}`,
    },
  ],
  StepSucceeded({ kind, evidence }, { release }) {
    if (kind === 'clear-cache')
      return [
        {
          item: 'cache-cleared',
          text: `${evidence.cleared}${evidence.keys === undefined ? '' : `, ${evidence.keys} keys`}`,
        },
      ]
    if (kind !== 'stop-old') return []
    const { stopped, leftRequests, leftErrors } = evidence
    const restarted: Proven = { item: 'services-restarted', text: `stopped: ${stopped ?? 'nothing'}` }
    if (typeof leftRequests !== 'number') return [restarted]
    const text = `${leftErrors ?? 0} of ${leftRequests} requests on ${release ?? 'what was left'}`
    return [restarted, { item: 'impact-assessed', text }]
  },
  VerificationRecorded({ release, verification }) {
    if (verification.outcome !== 'passed') return []
    const text = `${release ?? 'what serves'} passed ${verification.checks.length} checks in ${verification.rounds} rounds`
    return [{ item: 'service-verified', text }]
  },
  RunSucceeded(_, incident) {
    const run = incident.runs.at(-1)
    if (run?.verb !== 'rollback') return []
    const needless: Proven[] = []
    if (!run.steps.some(({ kind }) => kind === 'swap-database' || kind === 'migrate-down'))
      needless.push({
        item: 'database-rolled-back',
        text: `not needed; data lost: ${incident.data.lost ?? 'none'}`,
        needless: true,
      })
    if (!run.plan.steps.some(({ kind }) => kind === 'clear-cache'))
      needless.push({ item: 'cache-cleared', text: 'not needed: no cache is configured', needless: true })
    return needless
  },
  RecoveryJudged: ({ outcome, detail }) =>
    outcome === 'confirmed' ? [{ item: 'metrics-normalized', text: detail }] : [],
  MessageQueued: ({ message }) =>
    message.occasion === 'page' || message.occasion === 'review'
      ? []
      : [{ item: 'communication-prepared', text: `written: ${message.occasion}` }],
  MessageSent: told,
  MessageConfirmed: told,
  StatusPagePublished: ({ status }, { times }) =>
    times.switched === null || status === null
      ? []
      : [{ item: 'users-notified', text: `the status page says: ${status}` }],
  ReportWritten: () => [{ item: 'incident-documented', text: 'lastgood report' }],
  ReviewScheduled: ({ start, minutes }) => [
    { item: 'post-mortem-scheduled', text: `${minuteOf(start)}, ${minutes} minutes` },
  ],
}

/** Who reads it decides whom it has reached; what is said after the switch is an update. */
function told({ sink, occasion, reader }: EventData['MessageConfirmed'], { times }: Incident): Proven[] {
  // It says nothing of how it stands.
  if (occasion === 'review') return []
  const text = `${sink}: ${occasion}`
  if (reader === 'customers') return times.switched === null ? [] : [{ item: 'users-notified', text }]
  const team: Proven[] = [{ item: 'team-notified', text }]
  return times.switched === null ? team : [...team, { item: 'team-updated', text }]
}

/** What the events of this type prove is only looked at while a run has ended or is under way. */
const ONLY_AFTER_A_RUN: ReadonlySet<EventType> = new Set([
  'VerificationRecorded',
  'RecoveryJudged',
  'ReleaseWentLive',
])

export function provenBy(event: JournalEvent, incident: Incident): Proven[] {
  if (ONLY_AFTER_A_RUN.has(event.type) && incident.runs.length === 0) return []
  const rule = rules[event.type] as ((d: unknown, i: Incident, e: JournalEvent) => Proven[]) | undefined
  return rule?.(event.data, incident, event) ?? []
}
