import type { Invariant } from '../domain/watch-configuration.ts'

/** Questions to the service's database, each in a read-only transaction of its own, ended when its time is over. */
export interface Invariants {
  /** Never throws: a question that fails, hangs or answers something else is `unknown`, and its evidence says why. */
  check(invariant: Invariant): Promise<InvariantResult>
  /** One number. @throws OperatorError as the session's own */
  number(sql: string, timeoutMs: number): Promise<number>
  close(): Promise<void>
}

export interface InvariantResult {
  outcome: 'passed' | 'failed' | 'unknown'
  /** `3 rows`, `false`, `42P01: relation "x" does not exist`. */
  evidence: string
  ms: number
}
