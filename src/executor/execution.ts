import type { EventData, EventType, Evidence, NewEvent } from '../domain/event.ts'
import { applyEvents } from '../domain/fold-service.ts'
import type { Step } from '../domain/plan.ts'
import { progressOf, type Run } from '../domain/run.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal, Lease } from '../ports/journal.ts'
import type { Crash } from './crash-points.ts'
import type { StepContext, StepHandlers } from './step-handler.ts'

/** What a run is told while it runs; a renderer turns it into lines. */
export type Progress =
  | { type: 'step-started'; step: Step }
  | { type: 'step-succeeded'; step: Step; ms: number; evidence: Evidence; observed: boolean }
  | { type: 'step-failed'; step: Step; ms: number; message: string; optional: boolean }
  | { type: 'step-undone'; step: Step; ms: number }
  | { type: 'putting-back'; message: string }
  | { type: 'line'; step: Step; line: string }

/** Everything the executor reaches the world through. */
export interface ExecutionPorts {
  journal: Journal
  lease: Lease
  handlers: StepHandlers
  clock: Clock
  crash: Crash
  actor: string
  /** Fires on Ctrl-C, or when the lease is lost. */
  signal: AbortSignal
  onProgress(progress: Progress): void
}

/** How a run ended. `error` is what stopped it; the state of the world is told by `status`. */
export interface RunOutcome {
  run: Run
  status: Run['status']
  error: OperatorError | null
}

/** One run and the means to go on with it. What it knows of itself is what the journal holds. */
export class Execution {
  readonly ports: ExecutionPorts
  readonly runId: string
  readonly state: ServiceState

  constructor(ports: ExecutionPorts, state: ServiceState, runId: string) {
    this.ports = ports
    this.state = state
    this.runId = runId
  }

  get run(): Run {
    const run = this.state.runs.find(({ id }) => id === this.runId)
    if (run === undefined)
      throw new OperatorError('INTERNAL', { detail: `run ${this.runId} is not in the journal` })
    return run
  }

  /** Recorded together or not at all, and only while the lease is ours. */
  async record(...events: NewEvent[]): Promise<void> {
    applyEvents(this.state, await this.ports.journal.append(events, this.ports.lease))
  }

  event<T extends EventType>(type: T, data: EventData[T]): NewEvent {
    const { actor, clock } = this.ports
    const at = new Date(clock.now()).toISOString()
    const subject = `run/${this.runId}`
    // `type` and `data` are tied by T; the union of all events cannot see that.
    return { type, service: this.state.service, subject, actor, at, data } as NewEvent
  }

  context(step: Step, signal = this.ports.signal): StepContext {
    return {
      run: this.run,
      signal,
      onLine: (line) => this.ports.onProgress({ type: 'line', step, line }),
      record: (...events) => this.record(...events),
      note: (noted) => this.record(this.event('StepNoted', { run: this.runId, step: step.id, noted })),
      noted: () => progressOf(this.run, step).noted,
    }
  }
}
