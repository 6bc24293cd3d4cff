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
    await journal.each({ after: folded }, (event) => {
      // Two at once read the same.
      if (event.seq <= folded) return
      folded = event.seq
      if (event.service === service) applyEvents(state, [event])
    })
    return state
  }
}
