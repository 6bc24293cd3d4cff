import type { Evidence } from './facts.ts'
import type { Plan, Step } from './plan.ts'
import type { VerdictId } from './verdict.ts'

/** `running`: no end is recorded, so it is under way or was cut short. `stopped`: after the point of no return. */
export type RunStatus = 'running' | 'succeeded' | 'put-back' | 'stopped'

export type StepStatus = 'todo' | 'started' | 'succeeded' | 'failed' | 'undoing' | 'undone'

export interface StepProgress {
  status: StepStatus
  startedAt: string | null
  endedAt: string | null
  evidence: Evidence
  /** What it said it was about to do. */
  noted: Evidence
}

/** One execution of a plan, as the journal tells it. */
export interface Run {
  id: string
  plan: Plan
  actor: string
  reason: string
  forced: boolean
  /** The verdict it was begun on; null: a person began it. */
  verdict: VerdictId | null
  startedAt: string
  endedAt: string | null
  status: RunStatus
  steps: Record<string, StepProgress>
  /** A step has failed, or a person asked for it: from here on the run goes backwards. */
  puttingBack: boolean
  failure: { step: string; code: string; message: string } | null
}

export const NOTHING_DONE: StepProgress = {
  status: 'todo',
  startedAt: null,
  endedAt: null,
  evidence: {},
  noted: {},
}

export function progressOf(run: Run, step: Step): StepProgress {
  return run.steps[step.id] ?? NOTHING_DONE
}

/** The step a run is in: the first that has not succeeded; null when all have. */
export function currentStep(run: Run): Step | null {
  return run.plan.steps.find((step) => progressOf(run, step).status !== 'succeeded') ?? null
}
