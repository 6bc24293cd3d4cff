import type { Baseline } from '../domain/baseline.ts'
import type { Look } from '../domain/readings/count-since.ts'
import type { ReadingMemory } from '../domain/readings/memory.ts'
import {
  crashLoopOf,
  type ReleaseSeen,
  type RestartRule,
  restartsOf,
} from '../domain/readings/see-releases.ts'
import type { ReleaseId } from '../domain/release.ts'
import { type Suspicion, suspicion } from './suspicion.ts'

/** What the instances of the serving release are like, beside what they count. Plain data: it is saved. */
export interface InstanceSense {
  /** No instance of it is there since then; null: some are. */
  goneSince: number | null
  /** When the largest instance was first seen above the line in a row, and how large it was; null: it is not. */
  large: { since: number; first: number } | null
  /** Bytes, of the largest instance, the most that was seen. */
  mostRss: number | null
  /** When it was last seen firing, so that what is over is said once it has been over for a while. */
  firedAt: Record<Sensed, number | null>
  /** Of the newest look. */
  suspicions: Suspicion[]
}

const SENSED = ['crashLoop', 'unresponsive', 'silence', 'memory'] as const
type Sensed = (typeof SENSED)[number]

export const NO_INSTANCES: InstanceSense = {
  goneSince: null,
  large: null,
  mostRss: null,
  firedAt: { crashLoop: null, unresponsive: null, silence: null, memory: null },
  suspicions: [],
}

/** How long it must have been well to be called so. */
const WELL_MS = 60_000
/** A silence in which so many requests would have come is no chance: e^-14 is less than one in a million. */
const EXPECTED = 14
/** Growth is told from a peak by its lasting, and by its going on. */
const LARGE_MS = 60_000

export interface InstanceRule extends RestartRule {
  release: ReleaseId
  burstToleranceMs: number
  memoryGrowth: number
  baseline: Baseline | null
}

export function takeInstances(
  before: InstanceSense,
  { memory }: Look,
  seen: ReleaseSeen | undefined,
  rule: InstanceRule,
  now: number,
): InstanceSense {
  const sense = measure(before, seen, rule, now)
  const found: Record<Sensed, Suspicion | null> = {
    crashLoop: senseCrashLoop(memory, rule),
    unresponsive: senseUnresponsive(sense, seen, rule, now),
    silence: senseSilence(seen),
    memory: senseMemory(sense, seen, rule, now),
  }
  const firedAt = { ...sense.firedAt }
  const suspicions = SENSED.flatMap((name) => {
    const firing = found[name]
    if (firing !== null) firedAt[name] = now
    if (firing !== null) return [firing]
    const last = firedAt[name]
    if (last === null || now - last < WELL_MS) return []
    return [suspicion({ trigger: TRIGGERS[name], status: 'well', summary: WELL[name], since: now })]
  })
  return { ...sense, firedAt, suspicions }
}

function measure(
  sense: InstanceSense,
  seen: ReleaseSeen | undefined,
  rule: InstanceRule,
  now: number,
): InstanceSense {
  const sizes = (seen?.instances ?? []).flatMap(({ rss }) => (rss === null ? [] : [rss]))
  const largest = sizes.length === 0 ? null : Math.max(...sizes)
  const line = memoryLine(rule)
  const isLarge = largest !== null && line !== null && largest > line
  return {
    ...sense,
    goneSince: seen === undefined || seen.instances.length === 0 ? (sense.goneSince ?? now) : null,
    large: isLarge ? (sense.large ?? { since: now, first: largest }) : null,
    mostRss: largest === null ? sense.mostRss : Math.max(largest, sense.mostRss ?? 0),
  }
}

function memoryLine({ baseline, memoryGrowth }: InstanceRule): number | null {
  return baseline?.rss ? baseline.rss * (1 + memoryGrowth) : null
}

const TRIGGERS = {
  crashLoop: 'crash-loop',
  unresponsive: 'unresponsive',
  silence: 'silence',
  memory: 'memory',
} as const

const WELL = {
  crashLoop: 'no instance was restarted again',
  unresponsive: 'every instance answers',
  silence: 'requests come again',
  memory: 'the instances are no larger than they may be',
}

function senseCrashLoop(memory: ReadingMemory, rule: InstanceRule): Suspicion | null {
  const loop = crashLoopOf(memory, rule.release, rule)
  if (loop === null) return null
  const all = restartsOf(memory, rule.release, rule).length
  return suspicion({
    trigger: 'crash-loop',
    status: 'firing',
    summary: `instances end and are started again: ${loop.restarts} times within a minute`,
    evidence: { restartsInAMinute: loop.restarts, restartsSinceItWentLive: all, wanted: rule.wanted },
    since: loop.since,
  })
}

function senseUnresponsive(
  { goneSince }: InstanceSense,
  seen: ReleaseSeen | undefined,
  { burstToleranceMs, wanted }: InstanceRule,
  now: number,
): Suspicion | null {
  const tooLong = (since: number | null) => since !== null && now - since > burstToleranceMs
  if (goneSince !== null && tooLong(goneSince)) {
    const summary = `no instance of it has been there for ${seconds(now - goneSince)}`
    return suspicion({
      trigger: 'unresponsive',
      status: 'firing',
      summary,
      evidence: { instances: 0, wanted },
      since: goneSince,
    })
  }
  const instances = seen?.instances ?? []
  const stuck = instances.filter(({ unansweredSince }) => tooLong(unansweredSince))
  const since = Math.min(...stuck.map(({ unansweredSince }) => unansweredSince ?? now))
  if (stuck.length === 0) return null
  const names = stuck.map(({ instance }) => instance).join(', ')
  return suspicion({
    trigger: 'unresponsive',
    status: 'firing',
    summary: `${stuck.length} of ${instances.length} instances are there and have not answered for ${seconds(now - since)} (${names})`,
    evidence: { instances: instances.length, silent: stuck.length, wanted },
    since,
  })
}

function senseSilence(seen: ReleaseSeen | undefined): Suspicion | null {
  const silence = seen?.silence ?? null
  if (silence === null || silence.expected < EXPECTED) return null
  // They have come, and wait for their answers: that is another trouble, and others look for it.
  if ((seen?.open ?? 0) > 0) return null
  return suspicion({
    trigger: 'silence',
    status: 'firing',
    summary: `no request has come, where about ${Math.round(silence.expected)} would have`,
    evidence: { expected: Math.round(silence.expected) },
    since: silence.since,
  })
}

function senseMemory(
  { large }: InstanceSense,
  seen: ReleaseSeen | undefined,
  rule: InstanceRule,
  now: number,
): Suspicion | null {
  const line = memoryLine(rule)
  if (large === null || line === null || now - large.since < LARGE_MS) return null
  const largest = Math.max(...(seen?.instances ?? []).map(({ rss }) => rss ?? 0))
  if (largest <= large.first) return null
  return suspicion({
    trigger: 'memory',
    status: 'firing',
    summary: `an instance takes ${megabytes(largest)} and grows; those of ${rule.baseline?.release} took ${megabytes(rule.baseline?.rss ?? 0)}`,
    evidence: { bytes: largest, line: Math.round(line), aMinuteBefore: large.first },
    since: large.since,
  })
}

const seconds = (ms: number) => `${Math.round(ms / 1000)} s`
const megabytes = (bytes: number) => `${Math.round(bytes / 1e6)} MB`
