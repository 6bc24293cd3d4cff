import type { TeamItem } from './incident/checklist-items.ts'

/** `incident:` in lastgood.yaml, checked, with every default filled in. */
export interface IncidentConfiguration {
  /** Where reports are kept, a folder for each incident; null: in the service's own folder of the home. */
  folder: string | null
  /** The team's own items, beside those of the runbook. */
  checklist: TeamItem[]
  review: ReviewConfiguration
  /** Where action items are filed; null: they stay in the report. */
  issues: IssuesConfiguration | null
}

export interface ReviewConfiguration {
  timeZone: string
  /** `10:00`, by the wall clock of `timeZone`. */
  time: string
  minutes: number
  /** Address the invite is from; null: that of the first who is invited. */
  organizer: string | null
  /** A room, or a link. */
  location: string | null
}

export interface IssuesConfiguration {
  /** `owner/name` on GitHub. */
  repository: string
  /** A secret. */
  token: string
  /** Base of its API. */
  api: string
}

export const DEFAULT_INCIDENT: IncidentConfiguration = {
  folder: null,
  checklist: [],
  review: { timeZone: 'UTC', time: '10:00', minutes: 30, organizer: null, location: null },
  issues: null,
}
