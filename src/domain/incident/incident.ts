import type { Evidence } from '../facts.ts'
import type { FindingId } from '../finding.ts'
import type { Plan, StepKind } from '../plan.ts'
import type { ReleaseId } from '../release.ts'
import type { RunStatus } from '../run.ts'
import type { VerdictId } from '../verdict.ts'
import type { TeamItem } from './checklist-items.ts'
import type { TimelineEntry } from './timeline.ts'
import type { ActionKind, IncidentId, ReviewFacts, RoleName, Severity } from './words.ts'

/**
 * `open`: nobody has it · `acknowledged`: somebody does · `mitigating`: a run is under way · `monitoring`: a run has ended
 * well, and it is not proven yet that the service is · `resolved` · `closed`: nothing is left to do · `dismissed`: it was none.
 */
export const INCIDENT_STATES = [
  'open',
  'acknowledged',
  'mitigating',
  'monitoring',
  'resolved',
  'closed',
  'dismissed',
] as const

export type IncidentState = (typeof INCIDENT_STATES)[number]

/** Everything from the first finding to the last action item, as the journal tells it. */
export interface Incident {
  id: IncidentId
  /** Unique among all journals there are: the id of the event that opened it. For keys in other systems. */
  key: string
  service: string
  /** One line: what was found first, or what the person who opened it wrote. */
  title: string
  state: IncidentState
  /** It cannot reach the outside, and counts in no metric. */
  drill: boolean
  severity: Severity
  /** A person has said so; what is found later no longer changes it. */
  severityConfirmed: boolean
  openedBy: { seq: number; by: 'finding' | 'verdict' | 'rollback' | 'stopped-run' | 'person'; actor: string }
  /** The release it is about; null: nobody knows. */
  release: ReleaseId | null
  /** Where it went back to, or would. */
  target: ReleaseId | null
  findings: FindingId[]
  verdicts: VerdictId[]
  runs: IncidentRun[]
  times: IncidentTimes
  impact: Impact
  data: DataFacts
  roles: Partial<Record<RoleName, string>>
  /** Whoever did, said, paged or was paged: names as they are in the events, in order of appearance. */
  participants: string[]
  pages: Page[]
  /** What the last update promised; null: nothing. */
  eta: string | null
  nextUpdate: string | null
  /** Promises that were not kept. */
  missedUpdates: string[]
  updates: { seq: number; at: string; by: string; text: string; public: boolean }[]
  /** What a person said at the end. */
  resolution: string | null
  closing: string | null
  /** Why it was none; null: it was one. */
  dismissal: string | null
  /** What proves an item, and what people ticked or skipped, by item. */
  evidence: Record<string, Proofs>
  marks: Record<string, ItemMark>
  /** The team's own items as they stood when it was closed; null: not closed. */
  teamItems: TeamItem[] | null
  actions: ActionItem[]
  /** The date it has, or had; `changedAt` is when that was written down. */
  review: (ReviewFacts & { seq: number; changedAt: string; cancelled: string | null }) | null
  reportSeq: number | null
  /** In order of `seq`; by `at` it is sorted where it is shown. */
  timeline: TimelineEntry[]
}

export interface IncidentRun {
  id: string
  verb: 'deploy' | 'rollback'
  from: ReleaseId | null
  to: ReleaseId
  status: RunStatus
  startedSeq: number
  startedAt: string
  plan: Plan
  /** Its steps as they went, for the report. */
  steps: {
    id: string
    kind: StepKind
    seq: number
    at: string
    ms: number
    ok: boolean
    evidence: Evidence
  }[]
}

/** When what happened; null: it has not, or nobody knows. For the metrics, and the same in every message. */
export interface IncidentTimes {
  /** The release it is about went live. */
  deployed: string | null
  failingSince: string | null
  detected: string
  acknowledged: string | null
  rollbackStarted: string | null
  /** Traffic is on another release. */
  switched: string | null
  /** The run that ended it proved that what serves is well. */
  verified: string | null
  resolved: string | null
  closed: string | null
}

export interface Impact {
  /** Answered and failed, as far as the signals of the release had counted; null: nobody counted. */
  requests: number | null
  failed: number | null
  /** `seq` of the event the figures are from. */
  seq: number | null
  /** How long nothing listened, ms, over all runs; null: no switch yet. */
  gapMs: number | null
  /** How long the database could not be reached, ms. */
  databaseUnavailableMs: number | null
  /** In a person's words, newest last. */
  texts: { seq: number; text: string; by: string }[]
}

/** What became of the rows. */
export interface DataFacts {
  /** As the plan of the rollback said it; null: nothing was rolled back. `none...` is an answer, too. */
  lost: string | null
  seq: number | null
  /** A restore took the place of the database. */
  restored: { seq: number; checkpoint: string; kept: string | null; keptUntil: string | null } | null
  migrationsTakenDown: { seq: number; names: string[] } | null
  salvaged: { seq: number; tables: { table: string; rows: number }[] }[]
}

export interface Page {
  seq: number
  at: string
  person: string
  rung: number
  round: number
  answer: { at: string; declined: boolean; text: string | null } | null
}

/** First and, where an item needs it, latest event that proves it. `needless`: it proves that there was nothing to do. */
export interface Proofs {
  seq: number
  at: string
  text: string
  needless: boolean
}

export interface ItemMark {
  seq: number
  at: string
  person: string
  skipped: boolean
  text: string | null
}

export interface ActionItem {
  id: string
  seq: number
  text: string
  kind: ActionKind
  owner: string | null
  due: string | null
  filed: { seq: number; url: string } | null
  done: { seq: number; text: string | null } | null
}

export function incidentNumber(id: IncidentId): number {
  return Number(id.slice(1))
}

/** Still going on: what happens to the service belongs to it. */
export function isActive({ state }: Pick<Incident, 'state'>): boolean {
  return state !== 'resolved' && state !== 'closed' && state !== 'dismissed'
}

/** Somebody still has something to do about it. */
export function isUnclosed({ state }: Pick<Incident, 'state'>): boolean {
  return state !== 'closed' && state !== 'dismissed'
}

/** The one that is going on; else the newest that is not closed; null: all is quiet. */
export function currentIncident(incidents: readonly Incident[]): Incident | null {
  return incidents.findLast(isActive) ?? incidents.findLast(isUnclosed) ?? null
}
