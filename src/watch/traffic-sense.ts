import type { Baseline } from '../domain/baseline.ts'
import type { Evidence } from '../domain/event.ts'
import type { Counts } from '../domain/evidence/counts.ts'
import {
  addCounts,
  addRecovery,
  type JudgePolicy,
  type JudgeState,
  judgementOf,
  type RecoveryPolicy,
  type RecoveryState,
  recoveryOf,
  startJudge,
  startRecovery,
  type TriggerJudgement,
} from '../domain/evidence/index.ts'
import { countSince, type Look } from '../domain/readings/count-since.ts'
import type { ReadingMemory } from '../domain/readings/memory.ts'
import { mergeCounts } from '../domain/readings/merge-counts.ts'
import { seeReleases } from '../domain/readings/see-releases.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { WatchConfiguration } from '../domain/watch-configuration.ts'
import type { SignalsRead } from '../ports/signals.ts'
import { type InstanceSense, NO_INSTANCES, takeInstances } from './instance-sense.ts'
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
  /** Users' sessions, where the source tells of them. */
  sessions: number | null
  /** Of the newest look; a look that could not be read has none. */
  problems: string[]
}

export interface TrafficStart {
  release: ReleaseId
  baseline: Baseline | null
  switchedAt: number
  recovers: boolean
  /** As they were read for the release before: what its instances go on counting is not this one's. */
  readings: ReadingMemory
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

export function startTraffic(settings: WatchConfiguration, start: TrafficStart): TrafficSense {
  const { release, baseline, switchedAt, recovers, readings } = start
  return {
    release,
    liveSince: switchedAt,
    baseline,
    readings,
    judge: startJudge(policyOf(settings), { baseline: baseline?.latency ?? null, switchedAt }),
    instances: NO_INSTANCES,
    total: { requests: 0, errors: 0, latency: null },
    cure: null,
    recovery: recovers
      ? startRecovery(recoveryPolicy(settings), { baseline: baseline?.latency ?? null })
      : null,
    sessions: null,
    problems: [],
  }
}

function recoveryPolicy({ recovery, errorRate, burstToleranceMs }: WatchConfiguration): RecoveryPolicy {
  return { alpha: CURE_ALPHA, ...recovery, spikeRate: errorRate, slotMs: burstToleranceMs / 2 }
}

/** One look at the counters. One that could not be read tells nothing, for nobody and against nobody. */
export function takeRead(
  before: TrafficSense,
  read: SignalsRead,
  { settings, wanted, drainMs }: { settings: WatchConfiguration; wanted: number; drainMs: number },
  now: number,
): TrafficSense {
  if (!read.ok) return { ...before, problems: [read.detail] }
  const sense = isCured(before) ? judgedAnew(before, settings) : before
  const { release } = sense
  const look = countSince(sense.readings, read.readings, now)
  const seen = seeReleases(look)[release]
  const counts = look.byRelease[release]
  const rule = {
    release,
    liveSince: sense.liveSince,
    wanted,
    burstToleranceMs: settings.burstToleranceMs,
    memoryGrowth: settings.memoryGrowth,
    baseline: sense.baseline,
  }
  const next = {
    ...sense,
    readings: look.memory,
    instances: takeInstances(sense.instances, look, seen, rule, now),
    sessions: seen?.sessions ?? null,
    problems: [...read.problems, ...look.problems],
  }
  // A standby may have served before: without an earlier reading nobody knows which of its answers are new.
  const isHistory = sense.recovery !== null && sense.readings.at === null
  if (counts === undefined || isHistory) return next
  // What the release before still drains is no comparison.
  const other = now - sense.liveSince > drainMs ? others(look, release) : undefined
  return weigh(next, counts, other, now, settings)
}

function weigh(
  sense: TrafficSense,
  counts: Counts,
  concurrent: Counts | undefined,
  now: number,
  settings: WatchConfiguration,
): TrafficSense {
  const judge = addCounts(sense.judge, now, counts, concurrent)
  return {
    ...sense,
    judge,
    total: mergeCounts(sense.total, counts),
    cure: isBad(judge) ? cureWith(sense, counts, now, settings) : null,
    recovery: sense.recovery === null ? null : addRecovery(sense.recovery, now, counts),
  }
}

const isBad = (judge: JudgeState) => judgementOf(judge).triggers.some(({ outcome }) => outcome === 'bad')

/** Begun anew with each look that is still bad: what has to be well is what comes after. */
function cureWith(
  { cure, baseline }: TrafficSense,
  counts: Counts,
  now: number,
  settings: WatchConfiguration,
): RecoveryState {
  const { errorRate, slowdown } = settings
  const policy = { ...recoveryPolicy(settings), errorRate, slowdown }
  const stillBad = counts.errors > counts.requests * errorRate
  if (cure === null || stillBad) return startRecovery(policy, { baseline: baseline?.latency ?? null })
  return addRecovery(cure, now, counts)
}

/** Every other release that serves at the same time: what happens to all of them is not this one's fault. */
function others({ byRelease }: Look, release: ReleaseId): Counts | undefined {
  const counts = Object.entries(byRelease).flatMap(([id, each]) =>
    id === release || each.requests === 0 ? [] : [each],
  )
  return counts.length === 0 ? undefined : counts.reduce(mergeCounts)
}

function isCured({ cure }: TrafficSense): boolean {
  return cure !== null && recoveryOf(cure).outcome === 'confirmed'
}

/** The finding is over; from here on it is judged as if nothing had been. */
function judgedAnew(sense: TrafficSense, settings: WatchConfiguration): TrafficSense {
  const { baseline } = sense
  const judge = startJudge(policyOf(settings), { baseline: baseline?.latency ?? null, switchedAt: null })
  return { ...sense, judge, cure: null }
}

export function senseTraffic(sense: TrafficSense, settings: WatchConfiguration): Suspicion[] {
  const cured = isCured(sense)
  return [
    ...judgementOf(sense.judge).triggers.flatMap((judged) => senseTrigger(judged, cured, settings)),
    ...sense.instances.suspicions,
  ]
}

function senseTrigger(judged: TriggerJudgement, cured: boolean, settings: WatchConfiguration): Suspicion[] {
  const { trigger, outcome, firedAt } = judged
  if (outcome !== 'bad' || firedAt === null) return []
  if (cured) {
    const summary =
      trigger === 'error-rate' ? 'server errors are below the line again' : 'answers are fast again'
    return [suspicion({ trigger, status: 'well', summary, since: firedAt })]
  }
  return [
    suspicion({
      trigger,
      status: 'firing',
      summary: describeJudged(judged, settings),
      evidence: evidenceOf(judged, settings),
      since: judged.fault?.since ?? firedAt,
      course: { threshold: judged.threshold, points: judged.history },
    }),
  ]
}

/** What was counted up to the moment it was proven; figures that go on changing would be no proof. */
function describeJudged(judged: TriggerJudgement, settings: WatchConfiguration): string {
  const { trigger, requests, share, fault, allowed, limit } = judged
  // Since the fault began: healthy hours before it would hide it.
  const seen = `${percent(fault?.share ?? share ?? 0)} of ${fault?.requests ?? requests} answers`
  if (trigger === 'error-rate')
    return `${seen} were server errors, where ${percent(settings.errorRate)} are all right`
  const line = limit === null ? '' : ` than ${Math.round(limit.ms)} ms`
  return `${seen} took longer${line}, where ${percent(allowed)} may: more than ${percent(settings.slowdown)} slower than before`
}

/** Small and printable: what `lastgood why` says beside the course of the evidence. */
function evidenceOf(
  { requests, bad, allowed, limit, slots, onArrival, leastPossible, alphaReached }: TriggerJudgement,
  { falseAlarm }: WatchConfiguration,
): Evidence {
  return {
    requests,
    bad,
    allowedShare: allowed,
    ...(limit === null ? {} : { slowerThanMs: limit.ms, quantile: limit.quantile }),
    slots,
    deadOnArrival: onArrival,
    fewestRequestsPossible: leastPossible === null ? null : Math.ceil(leastPossible),
    chanceIfHealthy: `at most ${Number(alphaReached.toPrecision(2))}, where ${falseAlarm} is enough`,
  }
}

/** Null: it did not come by a rollback, or there is not enough to say. */
export function judgeRecovery({
  recovery,
}: TrafficSense): { outcome: 'confirmed' | 'refuted'; requests: number; detail: string } | null {
  if (recovery === null) return null
  const { outcome, requests, parts, refuted } = recoveryOf(recovery)
  if (outcome === 'undecided') return null
  const [errors] = parts
  const failed = (errors?.total ?? 0) - (errors?.good ?? 0)
  const detail =
    outcome === 'refuted'
      ? `it is not, by its ${refuted?.by ?? 'errors'}, told from ${requests} requests`
      : `${failed} of ${errors?.total ?? requests} answers were server errors${parts.length > 1 ? ', and they are as fast as before' : ''}`
  return { outcome, requests, detail }
}

/** A first one, and then each time four times as much is known, so that it costs the journal nothing. */
export function newBaseline(
  { release, total, instances }: TrafficSense,
  known: Baseline | null,
): Baseline | null {
  if (total.requests < FEWEST || (known !== null && total.requests < known.requests * MORE)) return null
  const { requests, errors, latency } = total
  return { release, requests, errors, latency, rss: instances.mostRss }
}

/** Below that nothing can be compared with it: see the upper bound of its 95th percentile. */
const FEWEST = 135
const MORE = 4

/** For the screen: what was seen, and what it adds up to. */
export function trafficText({ judge, total, recovery, problems }: TrafficSense): string {
  const { outcome, needs } = judgementOf(judge)
  const errors = total.requests === 0 ? '' : `, ${percent(total.errors / total.requests)} errors`
  const more = needs === null ? '' : `, ${needs} more requests needed`
  const words = { bad: 'proven bad', fine: 'proven fine', undecided: `not yet${more}` }[outcome]
  const recovering = recovery === null ? '' : `  ${recoveryText(recovery)}`
  const [problem] = problems
  return `${total.requests} requests${errors}  ${words}${recovering}${problem === undefined ? '' : `  ! ${problem}`}`
}

function recoveryText(recovery: RecoveryState): string {
  const { outcome, needs } = recoveryOf(recovery)
  if (outcome !== 'undecided') return `recovery ${outcome}`
  return needs === null ? 'recovering' : `recovering, ${needs} more requests needed`
}

function percent(share: number): string {
  const value = share * 100
  return `${value >= 10 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(1)} %`
}
