import type { ReleaseId } from './release.ts'

/** Ran, verified and unknown are three different outcomes. A lost connection is unknown, not failed. */
export type Outcome = 'passed' | 'failed' | 'unknown'

export interface CheckResult {
  /** `instances`, `health live`, `smoke GET /products`. */
  name: string
  outcome: Outcome
  /** What was seen, in a few words, with figures. */
  evidence: string
  /** Slowest answer of the window in ms; null where nothing was timed. */
  ms: number | null
}

export interface Verification {
  outcome: Outcome
  release: ReleaseId | null
  startedAt: string
  /** How long it was watched, ms. */
  windowMs: number
  rounds: number
  checks: CheckResult[]
}

/** One failed check fails it; without one, anything unknown leaves it unknown. */
export function judgeChecks(checks: readonly CheckResult[]): Outcome {
  if (checks.some((check) => check.outcome === 'failed')) return 'failed'
  if (checks.length === 0 || checks.some((check) => check.outcome === 'unknown')) return 'unknown'
  return 'passed'
}
