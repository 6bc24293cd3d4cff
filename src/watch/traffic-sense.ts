import type { Baseline } from '../domain/baseline.ts'
import type { Counts, LatencyCounts } from '../domain/evidence/counts.ts'
import {
  addCounts,
  type Judgement,
  type JudgePolicy,
  type JudgeState,
  judgementOf,
  startJudge,
} from '../domain/evidence/judge.ts'
import { addRecovery, type RecoveryState, recoveryOf, startRecovery } from '../domain/evidence/recovery.ts'
import { countSince, type Look } from '../domain/readings/count-since.ts'
import { NOTHING_READ, type ReadingMemory } from '../domain/readings/memory.ts'
import { mergeCounts } from '../domain/readings/merge-counts.ts'
import { type ReleaseSeen, seeReleases } from '../domain/readings/see-releases.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { WatchConfiguration } from '../domain/watch-configuration.ts'
import type { SignalsRead } from '../ports/signals.ts'
import { type InstanceSense, NO_INSTANCES, senseInstances, takeInstances } from './instance-sense.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What the counters of the serving release add up to. Plain data: it is saved. */
export interface TrafficSense {
  release: ReleaseId
  liveSince: number
  baseline: Baseline | null
  readings: ReadingMemory
  judge: JudgeState
  instances: InstanceSense
  /** Since it went live. */
  total: Counts
  /** From a finding on: whether its signal is well again. */
  cure: RecoveryState | null
  /** Of what came by a rollback: whether that helped; null: it came otherwise. */
  recovery: RecoveryState | null
  /** Of the newest look; a look that could not be read has none. */
  problems: string[]
}

export interface TrafficStart {
  release: ReleaseId
  baseline: Baseline | null
  switchedAt: number
  recovers: boolean
}

/** Well enough to end a finding: one chance in twenty to be wrong, since the next finding is near. */
const CURE_ALPHA = 0.05

export function policyOf(settings: WatchConfiguration): JudgePolicy {
  return {
    alpha: settings.falseAlarm,
    errorRate: settings.errorRate,
    slowdown: settings.slowdown,
    slotMs: settings.burstToleranceMs / 2,
  }
}
