import type { JournalEvent } from '../domain/event.ts'
import type { Journal } from '../ports/journal.ts'

/** Reads each event once in a process: a command asks for the state several times, and what is written never changes. */
export function rememberReads(journal: Pick<Journal, 'read'>): Journal['read'] {
  const known: JournalEvent[] = []
  return async ({ service, after = 0 } = {}) => {
    const last = () => known.at(-1)?.seq ?? 0
    // Two at once read the same; the second finds it known.
    for (const event of await journal.read({ after: last() })) if (event.seq > last()) known.push(event)
    return known.filter((event) => event.seq > after && (service === undefined || event.service === service))
  }
}
