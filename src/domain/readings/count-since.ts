import type { Counts } from '../evidence/counts.ts'
import type { Reading } from '../reading.ts'
import type { ReleaseId } from '../release.ts'
import { checkReading, nameOf, sameBounds, seconds } from './check-reading.ts'
import { rememberLatency } from './late.ts'
import { bornAt, type EndedInstance, type InstanceMemory, type ReadingMemory } from './memory.ts'
import { mergeCounts } from './merge-counts.ts'
import { rememberTraffic } from './traffic.ts'

/** An instance that is gone may come back for as long (a scrape that fails is no end); then it is forgotten. */
const FORGET_AFTER_MS = 3_600_000
const MOST_GONE = 1_000
const MOST_PROBLEMS = 20
/** Behind one address several processes may answer in turn: then the youngest is taken, as long as it is heard of. */
const YOUNGEST_COUNTS_MS = 60_000

export interface Look {
  memory: ReadingMemory
  /** What each release did since the look before; only releases of which an instance was read. */
  byRelease: Record<ReleaseId, Counts>
  /** One line each. What is in here is evidence against nobody. */
  problems: string[]
  /** The readings that were used, for what they tell of this moment: memory, connections, sessions. */
  used: Reading[]
}

/**
 * Differences of raw counters, by release. An instance that was never seen counts from zero, and so does one whose counters
 * fell or that started anew: what it has counted, it has counted since. What cannot be believed is left out and said; its
 * counters go on, so nothing is lost by that.
 */
export function countSince(memory: ReadingMemory, readings: readonly Reading[], now: number): Look {
  if (memory.at !== null && now < memory.at) return clockWentBack(memory, now, memory.at)
  const look: Look = {
    memory: { ...memory, at: now, instances: { ...memory.instances }, ended: [...memory.ended] },
    byRelease: {},
    problems: [],
    used: [],
  }
  const there = new Set<string>()
  const fresh: Record<ReleaseId, number> = {}
  for (const given of readings) {
    const key = keyOf(given)
    there.add(key)
    const { reading, problems } = checkReading(given, now)
    look.problems.push(...problems)
    if (reading === null) continue
    const before = look.memory.instances[key] ?? null
    if (before !== null && reading.at <= before.readAt) {
      look.problems.push(outOfOrder(reading, before))
      continue
    }
    if (before !== null && isOlderProcess(reading, before)) {
      look.problems.push(
        `${nameOf(reading)}: an older process answers in turn with a younger one; it is left out`,
      )
      continue
    }
    const { next, counts, ended } = takeReading(reading, before, now)
    look.memory.instances[key] = next
    if (ended !== null) look.memory.ended.push(ended)
    look.used.push(reading)
    const { release } = reading
    if (release === null || counts === null) continue
    const sum = look.byRelease[release]
    look.byRelease[release] = sum === undefined ? counts : mergeCounts(sum, counts)
    // What an instance did before anybody looked came at nobody knows which rate.
    if (before !== null || (memory.at !== null && bornAt(next) >= memory.at))
      fresh[release] = (fresh[release] ?? 0) + counts.requests
  }
  look.problems.push(...namelessOnes(look.used))
  settle(look.memory.instances, there, now)
  look.memory.ended = look.memory.ended
    .filter(({ endedAt }) => endedAt > now - FORGET_AFTER_MS)
    .slice(-MOST_GONE)
  look.memory.traffic = rememberTraffic(memory.traffic, look.byRelease, fresh, now)
  look.problems = shorten(look.problems)
  return look
}

/** Nothing is counted in this look; from the next one on time is what the clock now says. */
function clockWentBack(memory: ReadingMemory, now: number, before: number): Look {
  const back = (at: number) => Math.min(at, now)
  const instances = Object.fromEntries(
    Object.entries(memory.instances).map(([key, instance]): [string, InstanceMemory] => [
      key,
      {
        ...instance,
        firstSeenAt: back(instance.firstSeenAt),
        readAt: back(instance.readAt),
        goneAt: instance.goneAt === null ? null : back(instance.goneAt),
        unansweredSince: instance.unansweredSince === null ? null : back(instance.unansweredSince),
      },
    ]),
  )
  const traffic = Object.fromEntries(
    Object.entries(memory.traffic).map(([release, each]) => [
      release,
      { ...each, lastRequestAt: back(each.lastRequestAt) },
    ]),
  )
  const ended = memory.ended.map((each) => ({ ...each, endedAt: back(each.endedAt) }))
  const problems = [`the clock went back by ${seconds(before - now)}; this look is left out`]
  return { memory: { at: now, instances, ended, traffic }, byRelease: {}, problems, used: [] }
}

interface Taken {
  next: InstanceMemory
  /** Null: it did not answer. */
  counts: Counts | null
  ended: EndedInstance | null
}

function takeReading(reading: Reading, before: InstanceMemory | null, now: number): Taken {
  const { instance, release, startedAt, requests, errors } = reading
  const anew = before !== null && reading.answered && isAnew(reading, before)
  const base = anew ? null : before
  const common = { instance, release, readAt: reading.at, goneAt: null }
  if (!reading.answered) {
    const unansweredSince = before?.unansweredSince ?? reading.at
    const rest = base ?? { startedAt, firstSeenAt: reading.at, requests: 0, errors: 0, latency: null }
    return { next: { ...rest, ...common, unansweredSince }, counts: null, ended: null }
  }
  const latency = rememberLatency(reading, base?.latency ?? null)
  const next: InstanceMemory = {
    ...common,
    startedAt,
    firstSeenAt: base?.firstSeenAt ?? reading.at,
    unansweredSince: null,
    requests,
    errors,
    latency,
  }
  const counts: Counts = {
    requests: requests - (base?.requests ?? 0),
    errors: errors - (base?.errors ?? 0),
    latency: null,
  }
  if (latency !== null && reading.latency !== null) {
    counts.latency = { le: latency.le, count: difference(latency.answered, base?.latency?.answered) }
    if (latency.open) counts.late = difference(latency.late, base?.latency?.late)
  }
  const ended = anew ? { release, bornAt: bornAt(before), endedAt: Math.min(startedAt ?? now, now) } : null
  return { next, counts, ended }
}

function isOlderProcess(reading: Reading, before: InstanceMemory): boolean {
  if (!reading.answered || reading.startedAt === null || before.startedAt === null) return false
  return reading.startedAt < before.startedAt && reading.at - before.readAt < YOUNGEST_COUNTS_MS
}

/** Another process under the same name: it says so, or something that only grows has become less. */
function isAnew(reading: Reading, before: InstanceMemory): boolean {
  if (before.startedAt !== null && reading.startedAt !== null && before.startedAt !== reading.startedAt)
    return true
  if (reading.requests < before.requests || reading.errors < before.errors) return true
  if (reading.latency === null || before.latency === null) return false
  const { le, count } = reading.latency
  if (!sameBounds(le, before.latency.le)) return true
  const { answered } = before.latency
  for (let i = 0; i < answered.length; i++) if ((count[i] ?? 0) < (answered[i] ?? 0)) return true
  return false
}

function difference(now: readonly number[], before: readonly number[] | undefined): number[] {
  const difference = [...now]
  if (before === undefined) return difference
  for (let i = 0; i < difference.length; i++) difference[i] = (now[i] ?? 0) - (before[i] ?? 0)
  return difference
}

function keyOf({ release, instance }: Reading): string {
  return `${release ?? '?'}/${instance}`
}

function outOfOrder(reading: Reading, seen: InstanceMemory): string {
  if (reading.at === seen.readAt) return `${nameOf(reading)}: read twice`
  return `${nameOf(reading)}: a reading that is ${seconds(seen.readAt - reading.at)} older than the last one`
}

function namelessOnes(used: readonly Reading[]): string[] {
  const names = used.filter(({ release }) => release === null).map(({ instance }) => instance)
  if (names.length === 0) return []
  const some = names.slice(0, 3).join(', ') + (names.length > 3 ? ', ...' : '')
  return [`nothing tells which release ${some} ${names.length === 1 ? 'is' : 'are'}: it convicts nobody`]
}

/** Marks what is not there any more, and forgets what has not been there for long. */
function settle(instances: Record<string, InstanceMemory>, there: ReadonlySet<string>, now: number): void {
  let gone = 0
  for (const [key, instance] of Object.entries(instances)) {
    if (there.has(key)) continue
    const goneAt = instance.goneAt ?? now
    if (goneAt <= now - FORGET_AFTER_MS) delete instances[key]
    else if (instance.goneAt === null) instances[key] = { ...instance, goneAt }
    gone++
  }
  if (gone <= MOST_GONE) return
  const longest = Object.entries(instances)
    .flatMap(([key, { goneAt }]) => (goneAt === null ? [] : [{ key, goneAt }]))
    .sort((a, b) => b.goneAt - a.goneAt)
    .slice(MOST_GONE)
  for (const { key } of longest) delete instances[key]
}

function shorten(problems: string[]): string[] {
  if (problems.length <= MOST_PROBLEMS) return problems
  return [...problems.slice(0, MOST_PROBLEMS), `and ${problems.length - MOST_PROBLEMS} more like these`]
}
