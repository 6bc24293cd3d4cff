import type { EventData, EventType, JournalEvent } from '../event.ts'
import { severityName } from './severity.ts'

/** Who is meant by it first: what a machine did, what a person did or said, what went out. */
export type TimelineKind = 'service' | 'evidence' | 'run' | 'data' | 'person' | 'message'

export interface TimelineEntry {
  seq: number
  type: string
  /** When it happened. */
  at: string
  /** When it was written down: later, where somebody remembered it. */
  recordedAt: string
  actor: string
  kind: TimelineKind
  text: string
  /** `seq` of the entry that puts this one right; null: it stands. */
  correctedBy: number | null
}

type Words<T extends EventType> =
  | [TimelineKind, string]
  | null
  | ((data: EventData[T]) => [TimelineKind, string] | null)
type Describers = { [T in EventType]?: Words<T> }

/** One line for each event that can belong to an incident; the others are not in its timeline. */
const describers: Describers = {
  ReleaseMarkedBad: ({ release, mark }) => ['service', `${release} marked bad: ${mark.reason}`],
  ReleaseMarkedProven: ({ release, mark }) => ['service', `${release} marked proven: ${mark.reason}`],
  ReleaseBuilt: ({ release }) => ['service', `${release.id} built: ${release.subject}`],
  ReleaseWentLive: ({ release, from, by }) => [
    'service',
    `${release} takes the traffic${from === null ? '' : ` from ${from}`} (${by})`,
  ],
  ReleaseTakenDown: ({ release }) => ['service', `${release} taken down; nothing serves`],
  RunStarted: ({ plan, reason }) => [
    'run',
    `${plan.verb === 'rollback' ? 'Rollback' : 'Deploy'} ${plan.from ?? 'nothing'} -> ${plan.to} begun: ${reason}. Data lost: ${plan.dataLoss}`,
  ],
  RunResumed: ({ putBack }) => ['run', putBack ? 'The run goes on, backwards' : 'The run goes on'],
  StepSucceeded: ({ kind, ms }) => ['run', `Step ${kind} done in ${ms} ms`],
  StepFailed: ({ kind, message }) => ['run', `Step ${kind} failed: ${message}`],
  StepUndone: ({ kind, ms }) => ['run', `Step ${kind} put back in ${ms} ms`],
  RunSucceeded: ({ ms }) => ['run', `The run has ended well after ${ms} ms`],
  RunPutBack: ({ message }) => ['run', `The run was put back: ${message}`],
  RunStopped: ({ message }) => ['run', `The run stopped part way: ${message}`],
  CheckpointCreated: ({ checkpoint, rows }) => ['data', `Checkpoint ${checkpoint} taken, ${rows} rows`],
  MigrationsApplied: ({ names }) => ['data', `Migrations applied: ${names.join(', ')}`],
  MigrationsTakenDown: ({ names }) => ['data', `Migrations taken down: ${names.join(', ')}`],
  DatabaseSwapped: ({ checkpoint, kept, unavailableMs }) => [
    'data',
    `${checkpoint} has taken the place of the database${kept === null ? '' : `; the damaged one is kept as ${kept}`}${unavailableMs === null ? '' : `; nobody could connect for ${Math.round(unavailableMs)} ms`}`,
  ],
  DatabaseSwappedBack: ({ checkpoint }) => ['data', `${checkpoint} was taken out again`],
  RowsSalvaged: ({ from, into, tables }) => [
    'data',
    `${tables.reduce((sum, { rows }) => sum + rows, 0)} rows of ${tables.length} tables brought back from ${from} into ${into}`,
  ],
  WritesFrozen: ({ reason }) => ['data', `Writes frozen: ${reason}`],
  WritesUnfrozen: ({ databases }) => [
    'data',
    `Writes allowed again: ${databases.join(', ') || 'none was frozen'}`,
  ],
  FindingRecorded: ({ finding }) => [
    'evidence',
    `Finding ${finding.id} on ${finding.release} (${finding.trigger}): ${finding.summary}`,
  ],
  FindingCleared: ({ finding, reason }) => ['evidence', `Finding ${finding} is over: ${reason}`],
  VerdictReached: ({ verdict }) => [
    'evidence',
    `Verdict ${verdict.id}: ${verdict.decision}${verdict.to === null ? '' : ` to ${verdict.to}`}: ${verdict.reason}`,
  ],
  VerdictEnded: ({ verdict, how, reason }) => ['evidence', `Verdict ${verdict} ${how}: ${reason}`],
  FixForwardExtended: ({ until, reason }) => ['person', `To be mended in place until ${until}: ${reason}`],
  RecoveryJudged: ({ release, outcome, detail }) => [
    'evidence',
    `${release} ${outcome === 'confirmed' ? 'has recovered' : 'has not recovered'}: ${detail}`,
  ],
  VerificationRecorded: ({ release, verification }) => [
    'evidence',
    `Verification of ${release ?? 'what serves'}: ${verification.outcome}, ${verification.checks.length} checks`,
  ],
  IncidentOpened: ({ title, severity, drill }) => [
    'person',
    `${drill ? 'Drill' : 'Incident'} opened${severity === null ? '' : ` as ${severityName(severity)}`}: ${title}`,
  ],
  IncidentAcknowledged: ({ person }) => ['person', `${person} has it`],
  IncidentNoted: ({ text }) => ['person', text],
  IncidentSeveritySet: ({ severity, reason }) => ['person', `${severityName(severity)}: ${reason}`],
  IncidentImpactAssessed: ({ text }) => ['person', `Impact: ${text}`],
  IncidentRoleAssigned: ({ role, person }) => [
    'person',
    person === null ? `Nobody is ${role} any more` : `${person} is ${role}`,
  ],
  IncidentUpdated: ({ text, nextUpdate }) => [
    'person',
    `Update: ${text}${nextUpdate === null ? '' : ` (next by ${nextUpdate})`}`,
  ],
  IncidentUpdateMissed: ({ promised }) => ['message', `The update promised for ${promised} did not come`],
  PersonPaged: ({ person, reason }) => ['message', `${person} paged: ${reason}`],
  PageDeclined: ({ person, reason }) => ['person', `${person} cannot: ${reason}`],
  ChecklistItemTicked: ({ item, person, note }) => [
    'person',
    `${item} ticked by ${person}${note === null ? '' : `: ${note}`}`,
  ],
  ChecklistItemSkipped: ({ item, person, reason }) => ['person', `${item} skipped by ${person}: ${reason}`],
  ChecklistItemReopened: ({ item, reason }) => ['person', `${item} taken up again: ${reason}`],
  IncidentResolved: ({ text }) => ['person', `Resolved: ${text}`],
  IncidentClosed: ({ text }) => ['person', `Closed: ${text}`],
  IncidentDismissed: ({ reason }) => ['person', `It was none: ${reason}`],
  MessageQueued: ({ message }) => ['message', `To be told (${message.occasion}): ${titleOf(message)}`],
  MessageSent: ({ sink, occasion, note }) => ['message', `Told ${sink} (${occasion}): ${note}`],
  MessageConfirmed: ({ sink, occasion, note }) => ['message', `Told ${sink} (${occasion}): ${note}`],
  MessageFailed: ({ sink, occasion, note }) => [
    'message',
    `${sink} could not be told (${occasion}): ${note}`,
  ],
  StatusPagePublished: ({ status }) => ['message', `The status page says: ${status ?? 'all is well'}`],
  ActionItemAdded: ({ item, text }) => ['person', `Action ${item}: ${text}`],
  ActionItemFiled: ({ item, url }) => ['message', `Action ${item} filed: ${url}`],
  ActionItemDone: ({ item, text }) => ['person', `Action ${item} done${text === null ? '' : `: ${text}`}`],
  ReportWritten: ['message', 'The report was written'],
  ReviewScheduled: ({ start, sequence }) => [
    'message',
    `The review is ${sequence === 0 ? 'set for' : 'now at'} ${minuteOf(start)}`,
  ],
  ReviewCancelled: ({ reason }) => ['message', `The review is called off: ${reason}`],
}

function titleOf({ texts, facts }: EventData['MessageQueued']['message']): string {
  return (texts.responders ?? texts.executives ?? texts.customers)?.title ?? facts.title
}

/** `2026-03-04 09:00 UTC`. */
export function minuteOf(at: string): string {
  return `${at.slice(0, 16).replace('T', ' ')} UTC`
}

export function describeEvent(event: JournalEvent): TimelineEntry | null {
  // The cast is the price of a table keyed by event type: `type` and `data` always belong together.
  const describer = describers[event.type] as
    | Words<'ReportWritten'>
    | ((data: unknown) => Words<never>)
    | undefined
  const words =
    typeof describer === 'function'
      ? (describer as (d: unknown) => [TimelineKind, string] | null)(event.data)
      : describer
  if (!words) return null
  const [kind, text] = words
  const { seq, type, at, recordedAt, actor } = event
  return { seq, type, at, recordedAt, actor, kind, text, correctedBy: null }
}
