import type { ReleaseId } from '../release.ts'
import type { TeamItem } from './checklist-items.ts'
import type { ActionKind, IncidentId, ReviewFacts, RoleName, Severity } from './words.ts'

/**
 * What people, and lastgood for them, write down about an incident. What happened to the service itself is in its own
 * events, and the incident is folded from both; so a finding or a rollback needs no second event to open one.
 */
export interface IncidentEventData {
  /** A person opens one without a finding. Its number is its place among all that open one. */
  IncidentOpened: { title: string; severity: Severity | null; release: ReleaseId | null; drill: boolean }
  /** Somebody has it. `person` is the name it goes by in the contacts, or the actor. */
  IncidentAcknowledged: { incident: IncidentId; person: string }
  /**
   * `corrects`: `seq` of the event that this puts right; that one stays, and is shown as corrected.
   * `marks`: the note's `at` is the moment that is named, whatever was thought before.
   */
  IncidentNoted: {
    incident: IncidentId
    text: string
    corrects: number | null
    marks: 'failingSince' | 'detected' | null
  }
  IncidentSeveritySet: { incident: IncidentId; severity: Severity; reason: string }
  /** In a person's words; the numbers come from the signals. */
  IncidentImpactAssessed: { incident: IncidentId; text: string }
  /** Null: whoever had it has given it back. */
  IncidentRoleAssigned: { incident: IncidentId; role: RoleName; person: string | null }
  /** What is told: to responders and executives as it is, to customers only where `public`. */
  IncidentUpdated: {
    incident: IncidentId
    text: string
    public: boolean
    /** When it is expected to be over. */
    eta: string | null
    /** When the next update is promised for. */
    nextUpdate: string | null
  }
  /** The promised moment has passed and nothing was said. */
  IncidentUpdateMissed: { incident: IncidentId; promised: string }
  /** `rung` is the place on the ladder of contacts, from 0; `round` counts the climbs of the whole ladder. */
  PersonPaged: { incident: IncidentId; person: string; rung: number; round: number; reason: string }
  /** An acknowledgement is `IncidentAcknowledged`; this is the other answer. It climbs at once. */
  PageDeclined: { incident: IncidentId; person: string; reason: string }
  ChecklistItemTicked: { incident: IncidentId; item: string; person: string; note: string | null }
  ChecklistItemSkipped: { incident: IncidentId; item: string; person: string; reason: string }
  /** Takes a tick or a skip of a person back. */
  ChecklistItemReopened: { incident: IncidentId; item: string; reason: string }
  IncidentResolved: { incident: IncidentId; text: string }
  /** `teamItems`: the team's own checklist as it stood, so that the report is the same for ever. */
  IncidentClosed: {
    incident: IncidentId
    text: string
    teamItems: TeamItem[]
  }
  /** It was none. */
  IncidentDismissed: { incident: IncidentId; reason: string }
  ActionItemAdded: {
    incident: IncidentId
    item: string
    text: string
    kind: ActionKind
    owner: string | null
    due: string | null
  }
  ActionItemFiled: { incident: IncidentId; item: string; url: string }
  ActionItemDone: { incident: IncidentId; item: string; text: string | null }
  /** The report was asked for, and stands from here on. */
  ReportWritten: { incident: IncidentId }
  /** Also when it is moved: the same `uid`, a higher `sequence`. */
  ReviewScheduled: { incident: IncidentId } & ReviewFacts
  ReviewCancelled: { incident: IncidentId; uid: string; sequence: number; reason: string }
}

/** Checked against the interface by the compiler, so that a new one cannot be forgotten. */
const EVENTS: Record<keyof IncidentEventData, true> = {
  IncidentOpened: true,
  IncidentAcknowledged: true,
  IncidentNoted: true,
  IncidentSeveritySet: true,
  IncidentImpactAssessed: true,
  IncidentRoleAssigned: true,
  IncidentUpdated: true,
  IncidentUpdateMissed: true,
  PersonPaged: true,
  PageDeclined: true,
  ChecklistItemTicked: true,
  ChecklistItemSkipped: true,
  ChecklistItemReopened: true,
  IncidentResolved: true,
  IncidentClosed: true,
  IncidentDismissed: true,
  ActionItemAdded: true,
  ActionItemFiled: true,
  ActionItemDone: true,
  ReportWritten: true,
  ReviewScheduled: true,
  ReviewCancelled: true,
}

export function isIncidentEvent(type: string): boolean {
  return Object.hasOwn(EVENTS, type)
}
