import type { NotifyConfiguration } from '../domain/notify/notify-configuration.ts'
import type { StatusPageConfiguration } from '../domain/notify/status-page-configuration.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal, Leases } from '../ports/journal.ts'
import type { NotifyPorts } from '../ports/notify.ts'

/** What telling others reaches the world through. */
export interface OutboxPorts extends NotifyPorts {
  service: string
  notify: NotifyConfiguration
  statusPage: StatusPageConfiguration | null
  journal: Journal & Leases
  clock: Clock
  actor: string
  /** A named place where a test kills the process. */
  crash(point: string): void
}
