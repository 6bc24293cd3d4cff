import type { EventData, EventType, JournalEvent, NewEvent } from '../domain/event.ts'
import { applyEvents, emptyState } from '../domain/fold-service.ts'
import { applyIncidentEvents } from '../domain/incident/fold-incidents.ts'
import { emptyIncidentLog, type IncidentLog } from '../domain/incident/incident-log.ts'
import type { IncidentId } from '../domain/incident/words.ts'
import { applyToOutbox, type Outbox } from '../domain/notify/outbox.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { Lease } from '../ports/journal.ts'
import type { OutboxPorts } from './outbox-ports.ts'

/** What the journal says, as far as telling others goes. Kept between rounds, and only what is new is read. */
export class Told {
  readonly state: ServiceState
  readonly log: IncidentLog
  readonly outbox: Outbox = new Map()
  readonly #ports: OutboxPorts
  /** `seq` of the newest event that was read. */
  position = 0
  /** When the journal began: nothing is known of the time before. */
  begin: string | null = null

  constructor(ports: OutboxPorts) {
    this.#ports = ports
    this.state = emptyState(ports.service)
    this.log = emptyIncidentLog(ports.service)
  }

  async read(): Promise<void> {
    await this.#ports.journal.each({ after: this.position }, (event) => this.#take(event))
  }

  /** Recorded under the outbox's own lease: nobody else tells meanwhile. */
  async append(lease: Lease, ...events: NewEvent[]): Promise<void> {
    if (events.length === 0) return
    await this.#ports.journal.append(events, lease)
    // Others write, too: what lies between is taken in its order.
    await this.read()
  }

  event<T extends EventType>(type: T, incident: IncidentId | null, data: EventData[T]): NewEvent {
    const { service, actor, clock } = this.#ports
    const subject = incident === null ? `service/${service}` : `incident/${incident}`
    const at = new Date(clock.now()).toISOString()
    // `type` and `data` are tied by T; the union of all events cannot see that.
    return { type, service, subject, actor, at, data } as NewEvent
  }

  #take(event: JournalEvent): void {
    // Two lanes may read the same.
    if (event.seq <= this.position) return
    this.position = event.seq
    if (event.service !== this.#ports.service) return
    this.begin ??= event.at
    applyToOutbox(this.outbox, event)
    applyIncidentEvents(this.log, [event])
    applyEvents(this.state, [event])
  }
}
