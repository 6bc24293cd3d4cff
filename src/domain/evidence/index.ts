/**
 * The judge of lastgood, for programs of your own: pure functions over counts, without a clock, chance or a package.
 * Times are epoch milliseconds, latencies milliseconds, shares 0 to 1, evidence natural logarithms.
 */

export { type Counts, checkCounts, type LatencyCounts, NO_COUNTS } from './counts.ts'
export type { Point } from './history.ts'
export { addCounts, type JudgeState, startJudge, type TriggerName } from './judge.ts'
export { type Judgement, judgementOf, type Outcome, type TriggerJudgement, type Veto } from './judgement.ts'
export { addLatency, latencyOf } from './latency-counts.ts'
export type { Limit } from './limits.ts'
export { lowerBound, lowerBoundInFavour, smallestShareSeen } from './lower-bound.ts'
export { DEFAULT_POLICY, type JudgePolicy } from './policy.ts'
export {
  addProbe,
  DEFAULT_PROBE_POLICY,
  type ProbeJudgement,
  type ProbePolicy,
  type ProbeState,
  probeJudgementOf,
  startProbe,
} from './probe.ts'
export {
  addRecovery,
  DEFAULT_RECOVERY_POLICY,
  type RecoveryJudgement,
  type RecoveryPart,
  type RecoveryPolicy,
  type RecoveryState,
  recoveryOf,
  startRecovery,
} from './recovery.ts'
export { requestsToVerdict } from './requests-to-verdict.ts'
