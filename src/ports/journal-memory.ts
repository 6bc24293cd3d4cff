import type { IncidentLog } from '../domain/incident/incident-log.ts'
import type { ServiceState } from '../domain/service-state.ts'

/** What the journal says, each event folded once in a process and none of them kept. As of now, whenever it is asked. */
export interface JournalMemory {
  /** The caller's own: a run goes on from it. */
  state(service: string): Promise<ServiceState>
  /** Everybody's: to be read, never to be changed. */
  incidents(service: string): Promise<IncidentLog>
  /** The service that was last set up by this file; null: none ever was. */
  serviceOf(configPath: string): Promise<string | null>
}
