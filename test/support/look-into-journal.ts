import type { JournalEvent } from '../../src/domain/event.ts'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Journal, Leases } from '../../src/ports/journal.ts'

/** Here and now: `journal export` is the same and a process. */
export async function inJournal<T>(
  home: string,
  work: (journal: Journal & Leases) => Promise<T>,
): Promise<T> {
  const journal = openSqliteJournal({ home, readOnly: true })
  try {
    return await work(journal)
  } finally {
    await journal.close()
  }
}

export const eventsIn = (home: string, after = 0): Promise<JournalEvent[]> =>
  inJournal(home, (journal) => journal.read({ after }))
