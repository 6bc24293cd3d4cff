import { applyEvents, copyState, emptyState } from '../domain/fold-service.ts'
import { applyIncidentEvents } from '../domain/incident/fold-incidents.ts'
import { emptyIncidentLog, type IncidentLog } from '../domain/incident/incident-log.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { Journal } from '../ports/journal.ts'
import type { JournalMemory } from '../ports/journal-memory.ts'

/** A command asks for the state several times, and what is written never changes: only what is new is read. */
export function openJournalMemory(journal: Pick<Journal, 'each'>): JournalMemory {
  const states = new Map<string, ServiceState>()
  const logs = new Map<string, IncidentLog>()
  const services = new Map<string, string>()
  let last = 0

  const stateOf = (service: string) => kept(states, service, emptyState)
  const logOf = (service: string) => kept(logs, service, emptyIncidentLog)

  async function catchUp(): Promise<void> {
    await journal.each({ after: last }, (event) => {
      // Two at once read the same; the second finds it known.
      if (event.seq <= last) return
      last = event.seq
      applyEvents(stateOf(event.service), [event])
      applyIncidentEvents(logOf(event.service), [event])
      if (event.type === 'ServiceRegistered') services.set(event.data.configPath, event.service)
    })
  }

  return {
    async state(service) {
      await catchUp()
      return copyState(stateOf(service))
    },
    async incidents(service) {
      await catchUp()
      return logOf(service)
    },
    async serviceOf(configPath) {
      await catchUp()
      return services.get(configPath) ?? null
    },
  }
}

function kept<T>(known: Map<string, T>, service: string, empty: (service: string) => T): T {
  const found = known.get(service) ?? empty(service)
  known.set(service, found)
  return found
}
