import { applyEvents, emptyState } from '../domain/fold-service.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { Session } from './session.ts'

/** The state as the journal has it now, for whoever asks once a second: only what is new is folded. To be read, not changed. */
export function followState({
  journal,
  service,
}: Pick<Session, 'journal' | 'service'>): () => Promise<ServiceState> {
  const state = emptyState(service)
  let folded = 0
  return async () => {
    const events = await journal.read({ service, after: folded })
    // Two at once read the same.
    const fresh = events.filter(({ seq }) => seq > folded)
    applyEvents(state, fresh)
    folded = fresh.at(-1)?.seq ?? folded
    return state
  }
}
