import type { Advisories } from './advisories.ts'
import type { AlertInbox } from './alert-inbox.ts'
import type { Invariants } from './invariants.ts'
import type { Signals } from './signals.ts'

/** What a watch looks with and listens to. */
export interface WatchSources {
  signals: Signals
  /** Null: no database is configured. */
  invariants: Invariants | null
  advisories: Advisories
  alertInbox: AlertInbox
}
