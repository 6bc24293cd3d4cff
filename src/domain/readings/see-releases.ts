import type { Reading } from '../reading.ts'
import type { ReleaseId } from '../release.ts'
import type { Look } from './count-since.ts'
import { bornAt, type ReadingMemory } from './memory.ts'
import { type Silence, silenceOf } from './traffic.ts'

/** What can be told of a release at this moment, beside its counts. */
export interface ReleaseSeen {
  /** Those that are there now. */
  instances: InstanceSeen[]
  /** Sums; null where no instance tells. */
  connections: number | null
  sessions: number | null
  /** Requests that are open now. */
  open: number | null
  silence: Silence | null
}

export interface InstanceSeen {
  instance: string
  bornAt: number
  /** It is there and has not answered since; null: it answers. */
  unansweredSince: number | null
  /** Resident memory, bytes. */
  rss: number | null
}

export function seeReleases({ memory, used }: Look): Record<ReleaseId, ReleaseSeen> {
  const seen: Record<ReleaseId, ReleaseSeen> = {}
  const now = memory.at ?? 0
  const answered = used.filter((reading) => reading.answered)
  const rssOf = new Map(answered.map(({ release, instance, rss }) => [`${release}/${instance}`, rss]))
  for (const each of Object.values(memory.instances)) {
    const { release, instance, goneAt, unansweredSince } = each
    if (release === null || goneAt !== null) continue
    seen[release] ??= {
      instances: [],
      ...sumsOf(answered.filter((reading) => reading.release === release)),
      silence: silenceOf(memory.traffic[release], now),
    }
    const rss = rssOf.get(`${release}/${instance}`) ?? null
    seen[release].instances.push({ instance, bornAt: bornAt(each), unansweredSince, rss })
  }
  return seen
}

function sumsOf(readings: readonly Reading[]): Pick<ReleaseSeen, 'connections' | 'sessions' | 'open'> {
  return {
    connections: sum(readings, ({ connections }) => connections),
    sessions: sum(readings, ({ sessions }) => sessions),
    open: sum(readings, ({ waiting }) => waiting?.count.reduce((a, b) => a + b) ?? null),
  }
}

function sum(readings: readonly Reading[], of: (reading: Reading) => number | null): number | null {
  const told = readings.map(of).filter((value) => value !== null)
  return told.length === 0 ? null : told.reduce((a, b) => a + b)
}

/** From birth to end; `endedAt` null: it is there. */
interface Life {
  bornAt: number
  endedAt: number | null
}

/** Every life of an instance of the release that is remembered, in the order of birth. */
function livesOf(memory: ReadingMemory, release: ReleaseId): Life[] {
  const named = Object.values(memory.instances)
    .filter((each) => each.release === release)
    .map((each) => ({ bornAt: bornAt(each), endedAt: each.goneAt }))
  const replaced = memory.ended.filter((each) => each.release === release)
  return [...named, ...replaced].sort((a, b) => a.bornAt - b.bornAt)
}

export interface RestartRule {
  /** When the release went live, epoch ms: what was born before was its first start. */
  liveSince: number
  /** How many instances are wanted: up to as many are first starts as well. */
  wanted: number
}

/** When instances of the release were started again, epoch ms. */
export function restartsOf(memory: ReadingMemory, release: ReleaseId, rule: RestartRule): number[] {
  return livesOf(memory, release)
    .filter((life, index) => index >= rule.wanted && life.bornAt > rule.liveSince)
    .map((life) => life.bornAt)
}

export interface CrashLoop {
  restarts: number
  /** Of the first of them, epoch ms. */
  since: number
}

/**
 * `times` restarts within `withinMs`, and as many instances that had not lived longer than that: somebody's reload of a
 * service that has served for long is none, nor is one that is made larger or smaller.
 */
export function crashLoopOf(
  memory: ReadingMemory,
  release: ReleaseId,
  rule: RestartRule,
  { times = 3, withinMs = 60_000 } = {},
): CrashLoop | null {
  const after = (memory.at ?? 0) - withinMs
  const restarts = restartsOf(memory, release, rule).filter((at) => at > after)
  const short = livesOf(memory, release).filter(
    (life) => life.endedAt !== null && life.endedAt > after && life.endedAt - life.bornAt <= withinMs,
  )
  const [first] = restarts
  if (first === undefined || restarts.length < times || short.length < times) return null
  return { restarts: restarts.length, since: first }
}
