import type { Evidence, NewEvent } from '../domain/event.ts'
import type { Step, StepKind } from '../domain/plan.ts'
import type { Run } from '../domain/run.ts'

/**
 * What a step has done to the world, as far as can be seen. `todo`: nothing of it is there. `unknown`: part of it, or
 * nobody can tell; since steps converge, it is then run again.
 */
export type Observation = { done: StepResult } | 'todo' | 'unknown'

export interface StepContext {
  run: Run
  signal: AbortSignal
  /** Lines worth showing while it runs (a build's output). */
  onLine(line: string): void
  /** At once, because it stays true whatever becomes of the step. */
  record(...events: NewEvent[]): Promise<void>
  /** What it is about to do, before it does it. */
  note(facts: Evidence): Promise<void>
  /** All it has noted, also before it was cut short; its undoing adds to the same. */
  noted(): Evidence
}

export interface StepResult {
  evidence: Evidence
  /** Recorded in the same transaction as the step's success. */
  events?: NewEvent[]
}

/** How one kind of step is done. `run` and `undo` converge: done twice, they end in the same state. */
export interface StepHandler {
  observe(step: Step, context: StepContext): Promise<Observation>
  run(step: Step, context: StepContext): Promise<StepResult>
  /** Absent: nothing to take back. */
  undo?(step: Step, context: StepContext): Promise<StepResult>
}

export type StepHandlers = Record<StepKind, StepHandler>
