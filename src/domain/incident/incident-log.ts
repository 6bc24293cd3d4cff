import type { EventData } from '../event.ts'
import type { ReleaseId } from '../release.ts'
import { type Incident, incidentNumber } from './incident.ts'
import type { IncidentId } from './words.ts'

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

export function findIncident(log: IncidentLog, id: IncidentId): Incident | null {
  // Numbered by their place.
  return log.incidents[incidentNumber(id) - 1] ?? null
}
