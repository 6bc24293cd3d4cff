import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Counts, LatencyCounts } from '../evidence/counts.ts'
import type { Reading } from '../reading.ts'
import { countSince } from './count-since.ts'
import { NOTHING_READ } from './memory.ts'

const LE = [10, 20, 40, 80]

/** One request, ms: it comes, and is answered, given up by its client, or neither for as long as anybody looks. */
interface Request {
  at: number
  lasts: number
  end: 'answered' | 'abandoned'
}

const requests = fc.array(
  fc.record({
    at: fc.integer({ min: 0, max: 400 }),
    lasts: fc.integer({ min: 1, max: 160 }),
    end: fc.constantFrom('answered' as const, 'abandoned' as const),
  }),
  { maxLength: 40 },
)
/** Each is the time since the look before; some looks see nothing new, between some everything passes. */
const looks = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 30 })

function histogram(values: number[]): LatencyCounts {
  const count = new Array<number>(LE.length + 1).fill(0)
  for (const value of values) {
    const bucket = LE.findIndex((bound) => value <= bound)
    const index = bucket === -1 ? LE.length : bucket
    count[index] = (count[index] ?? 0) + 1
  }
  return { le: LE, count }
}

/** What an agent says at `now` of the requests there were. */
function readingAt(now: number, all: readonly Request[], tellsAbandoned: boolean): Reading {
  const ended = (end: Request['end']) =>
    all.filter((each) => each.end === end && each.at + each.lasts <= now).map(({ lasts }) => lasts)
  const open = all.filter(({ at, lasts }) => at <= now && at + lasts > now).map(({ at }) => now - at)
  const answered = ended('answered')
  return {
    instance: '1',
    release: 'r1',
    at: now,
    startedAt: 0,
    answered: true,
    requests: answered.length,
    errors: 0,
    latency: histogram(answered),
    waiting: histogram(open),
    abandoned: tellsAbandoned ? histogram(ended('abandoned')) : null,
    rss: null,
    connections: null,
    sessions: null,
  }
}

interface Watched {
  now: number
  late: number[]
  inTime: number[]
  looks: Counts[]
}

/** Sums of all looks so far, after each; between two looks the memory goes through a file. */
function watch(all: readonly Request[], gaps: readonly number[], tellsAbandoned = true): Watched[] {
  let memory = NOTHING_READ
  let now = 0
  const sums = { late: [0, 0, 0, 0], inTime: [0, 0, 0, 0] }
  const counted: Counts[] = []
  return gaps.map((gap) => {
    now += gap
    const look = countSince(memory, [readingAt(now, all, tellsAbandoned)], now)
    memory = JSON.parse(JSON.stringify(look.memory))
    const counts = look.byRelease.r1
    if (counts === undefined) throw new Error('nothing was counted')
    counted.push(counts)
    sums.late = sums.late.map((sum, index) => sum + (counts.late?.[index] ?? Number.NaN))
    sums.inTime = sums.inTime.map(
      (sum, index) => sum + (counts.latency?.count ?? []).slice(0, index + 1).reduce((a, b) => a + b, 0),
    )
    return { now, late: sums.late, inTime: sums.inTime, looks: [...counted] }
  })
}

const truth = (all: readonly Request[], now: number, bound: number) => ({
  late: all.filter(({ at, lasts }) => Math.min(lasts, now - at) > bound).length,
  inTime: all.filter(({ at, lasts, end }) => end === 'answered' && lasts <= bound && at + lasts <= now)
    .length,
})

test('at every look, each request that is older than a bound was counted for it once, and each in time once', () => {
  fc.assert(
    fc.property(requests, looks, (all, gaps) => {
      for (const { now, late, inTime } of watch(all, gaps))
        for (const [index, bound] of LE.entries())
          expect({ late: late[index], inTime: inTime[index] }).toEqual(truth(all, now, bound))
    }),
  )
})

test('where nothing tells who gave up, nobody is counted twice, and nothing goes backwards', () => {
  fc.assert(
    fc.property(requests, looks, (all, gaps) => {
      for (const { now, late, looks: counted } of watch(all, gaps, false)) {
        for (const [index, bound] of LE.entries())
          expect(late[index]).toBeLessThanOrEqual(truth(all, now, bound).late)
        for (const { latency, late: each = [] } of counted)
          expect([...(latency?.count ?? []), ...each].every((number) => number >= 0)).toBe(true)
      }
    }),
  )
})

test('a service that hangs while its clients give up and come again is late again and again', () => {
  const all = Array.from(
    { length: 50 },
    (_, index): Request => ({
      at: index * 10,
      lasts: 60,
      end: 'abandoned',
    }),
  )
  const [, ...each] = watch(all, [100, 100, 100, 100]).at(-1)?.looks ?? []
  // Older than 20 ms: about one in 10 ms.
  expect(each.map(({ late }) => late?.[1])).toEqual([10, 10, 10])
})
