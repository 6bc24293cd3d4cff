import type { Configuration } from '../domain/configuration.ts'
import type { EventData, EventType, NewEvent } from '../domain/event.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { CachePurger } from '../ports/cache-purger.ts'
import type { Clock } from '../ports/clock.ts'
import type { DatabasePorts } from '../ports/database.ts'
import type { Prober } from '../ports/prober.ts'
import type { ReleaseStore } from '../ports/release-store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { Source } from '../ports/source.ts'
import type { Crash } from './crash-points.ts'

/** What the handlers of a run reach the world through. */
export interface StepPorts {
  runtime: Runtime
  store: ReleaseStore
  source: Source
  prober: Prober
  /** Null: no database is configured, and no plan has a step for it. */
  database: DatabasePorts | null
  /** Of rehearsals alone: nothing in it is ever taken for what serves. */
  rehearsalRuntime: Runtime
  /** Null: no cache is configured. */
  cache: CachePurger | null
  clock: Clock
  crash: Crash
  actor: string
  /** As the journal has it; kept current by the execution. */
  state: ServiceState
  /** How this host runs lastgood now; a release's own configuration says how it is checked. */
  configuration: Configuration
  configurationText: string
  configPath: string
  secrets: string[]
}

export function eventOf<T extends EventType>(
  ports: Pick<StepPorts, 'actor' | 'clock' | 'state'>,
  type: T,
  subject: string,
  data: EventData[T],
): NewEvent {
  const at = new Date(ports.clock.now()).toISOString()
  // `type` and `data` are tied by T; the union of all events cannot see that.
  return { type, service: ports.state.service, subject, actor: ports.actor, at, data } as NewEvent
}
