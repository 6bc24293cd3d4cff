import type { Counts, LatencyCounts } from './counts.ts'
export interface RecoveryState {
  n: number
  bad: number
  alpha: number
}
export function startRecovery(p: { alpha: number }, _b: LatencyCounts | null): RecoveryState {
  return { n: 0, bad: 0, alpha: p.alpha }
}
export function addRecovery(s: RecoveryState, _at: number, c: Counts): RecoveryState {
  return { ...s, n: s.n + c.requests, bad: s.bad + c.errors }
}
export function recoveryOf(s: RecoveryState): {
  outcome: 'confirmed' | 'refuted' | 'undecided'
  needs: number | null
  requests: number
  errors: number
} {
  return {
    outcome: s.n > 355 && s.bad === 0 ? 'confirmed' : 'undecided',
    needs: null,
    requests: s.n,
    errors: s.bad,
  }
}
