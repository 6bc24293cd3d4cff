import type { Counts, LatencyCounts } from './counts.ts'
export interface JudgePolicy {
  alpha: number
  errorRate: number
  slowdown: number
  slotMs: number | 'request'
}
export interface JudgeState {
  e: number[]
  cash: number
  requests: number
  bad: number
  firedAt: number | null
  policy: JudgePolicy
  slots: number
}
export interface Judgement {
  outcome: 'bad' | 'fine' | 'undecided'
  requests: number
  slots: number
  needs: number | null
  triggers: {
    trigger: 'error-rate' | 'slowdown'
    outcome: 'bad' | 'fine' | 'undecided'
    logE: number
    threshold: number
    requests: number
    bad: number
    needs: number | null
    firedAt: number | null
    course: { at: number; logE: number; requests: number; bad: number }[]
  }[]
}
const LAM = [0.2, 0.5, 1, 2.5, 5, 10, 19]
export function startJudge(
  policy: JudgePolicy,
  _o: { baseline: LatencyCounts | null; switchedAt: number | null },
): JudgeState {
  return { e: LAM.map(() => 1 / LAM.length), cash: 0, requests: 0, bad: 0, firedAt: null, policy, slots: 0 }
}
export function addCounts(s: JudgeState, at: number, c: Counts, _k?: Counts): JudgeState {
  if (c.requests === 0) return s
  const x = c.errors / c.requests - 0.05
  const e = s.e.map((v, i) => v * (1 + (LAM[i] ?? 0) * x))
  const sum = e.reduce((a, b) => a + b, 0)
  return {
    ...s,
    e,
    requests: s.requests + c.requests,
    bad: s.bad + c.errors,
    slots: s.slots + 1,
    firedAt: s.firedAt ?? (sum > 1 / s.policy.alpha ? at : null),
  }
}
export function judgementOf(s: JudgeState): Judgement {
  const outcome = s.firedAt === null ? ('undecided' as const) : ('bad' as const)
  const t = {
    trigger: 'error-rate' as const,
    outcome,
    logE: Math.log(s.e.reduce((a, b) => a + b, 0)),
    threshold: Math.log(1 / s.policy.alpha),
    requests: s.requests,
    bad: s.bad,
    needs: null,
    firedAt: s.firedAt,
    course: [],
  }
  return { outcome, triggers: [t], requests: s.requests, slots: s.slots, needs: null }
}
