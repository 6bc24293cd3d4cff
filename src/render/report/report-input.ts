import type { JournalEvent } from '../../domain/event.ts'
import type { CheckedItem } from '../../domain/incident/checklist.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { ServiceState } from '../../domain/service-state.ts'

export interface ReportInput {
  incident: Incident
  state: ServiceState
  checklist: readonly CheckedItem[]
  /** Of the service, in order; the report points to some of them. */
  events: readonly JournalEvent[]
}
