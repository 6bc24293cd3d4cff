import fc from 'fast-check'
import { expect, test } from 'vitest'
import { slowerThan } from '../evidence/counts.ts'
import type { Reading } from '../reading.ts'
import { countSince, type Look } from './count-since.ts'
import { NOTHING_READ, type ReadingMemory } from './memory.ts'
import { mergeCounts } from './merge-counts.ts'

function reading(changes: Partial<Reading> = {}): Reading {
  return {
    instance: '7',
    release: 'r1',
    at: 1_000,
    startedAt: 0,
    answered: true,
    requests: 0,
    errors: 0,
    latency: null,
    waiting: null,
    abandoned: null,
    rss: null,
    connections: null,
    sessions: null,
    ...changes,
  }
}

/** Looks a second apart; what was remembered goes through a file in between. */
function look(...looks: Partial<Reading>[][]): Look[] {
  let memory: ReadingMemory = NOTHING_READ
  return looks.map((readings, index) => {
    const now = (index + 1) * 1_000
    const made = countSince(
      memory,
      readings.map((each) => reading({ at: now, ...each })),
      now,
    )
    memory = JSON.parse(JSON.stringify(made.memory))
    return made
  })
}

const counted = (looks: Look[]) => looks.map(({ byRelease }) => byRelease)
const counts = (requests: number, errors = 0) => ({ requests, errors, latency: null })
const said = (looks: Look[]) => looks.map(({ problems }) => problems)

test('counts differences, from zero for an instance that was never seen, and sums by release', () => {
  const looks = look(
    [
      { requests: 10, errors: 1 },
      { instance: '8', requests: 5 },
      { instance: '9', release: 'r2', requests: 3, errors: 3 },
    ],
    [
      { requests: 12, errors: 2 },
      { instance: '8', requests: 5 },
    ],
    [
      { requests: 12, errors: 2 },
      { instance: '8', requests: 9 },
      { instance: '10', requests: 1 },
    ],
  )
  expect(counted(looks)).toEqual([
    { r1: counts(15, 1), r2: counts(3, 3) },
    { r1: counts(2, 1) },
    { r1: counts(5) },
  ])
  expect(said(looks).flat()).toEqual([])
})

test.each<[string, Partial<Reading>, Partial<Reading>]>([
  [
    'fewer requests',
    { startedAt: null, requests: 10, errors: 4 },
    { startedAt: null, requests: 9, errors: 4 },
  ],
  ['fewer errors', { requests: 10, errors: 4 }, { requests: 20, errors: 3 }],
  ['another start', { requests: 3 }, { requests: 20, startedAt: 500 }],
  [
    'fewer in one bucket',
    { requests: 2, latency: { le: [1, 2], count: [0, 2, 0] } },
    { requests: 3, latency: { le: [1, 2], count: [2, 1, 0] } },
  ],
  [
    'other buckets',
    { requests: 2, latency: { le: [1, 2], count: [0, 2, 0] } },
    { requests: 3, latency: { le: [1, 3], count: [0, 3, 0] } },
  ],
])('%s: another process under the same name, which counts from zero', (_, first, second) => {
  const [, after] = counted(look([first], [second]))
  expect(after?.r1).toEqual({
    requests: second.requests,
    errors: second.errors ?? 0,
    latency: second.latency ?? null,
  })
})

test('what cannot be believed is left out and said, and nothing is lost by that', () => {
  const looks = look(
    [{ requests: 10 }],
    [{ requests: Number.NaN }],
    [{ requests: -1 }],
    [{ requests: 5, errors: 6 }],
    [{ requests: 12, at: 900 }],
    [{ requests: 12, at: 99_000 }],
    [{ requests: 12, at: Number.NaN }],
    [{ requests: 13 }, { requests: 13 }],
    [{ requests: 15, rss: -1, sessions: Number.POSITIVE_INFINITY }],
  )
  expect(counted(looks)).toEqual([
    { r1: counts(10) },
    {},
    {},
    {},
    {},
    {},
    {},
    { r1: counts(3) },
    { r1: counts(2) },
  ])
  expect(said(looks)).toEqual([
    [],
    ['r1 (7): NaN requests and 0 errors are no counts'],
    ['r1 (7): -1 requests and 0 errors are no counts'],
    ['r1 (7): 6 errors in 5 requests'],
    ['r1 (7): a reading that is 0.1 s older than the last one'],
    ['r1 (7): read 93 s from now; a clock is wrong'],
    ['r1 (7): nobody knows when it was read'],
    ['r1 (7): read twice'],
    ['r1 (7): rss is -1', 'r1 (7): sessions is Infinity'],
  ])
})

test('where several processes answer under one name, none is counted twice', () => {
  const old = { startedAt: 100, requests: 500 }
  const looks = look([old], [{ startedAt: 200, requests: 30 }], [old], [{ startedAt: 200, requests: 31 }])
  expect(counted(looks)).toEqual([{ r1: counts(500) }, { r1: counts(30) }, {}, { r1: counts(1) }])
  expect(said(looks)[2]).toEqual([
    'r1 (7): an older process answers in turn with a younger one; it is left out',
  ])
  // Nothing of the younger one for a minute: a clock was wrong, and it is taken after all.
  const memory = looks.at(-1)?.memory ?? NOTHING_READ
  const later = countSince(memory, [reading({ ...old, at: 90_000 })], 90_000)
  expect(later.byRelease).toEqual({ r1: counts(500) })
})

test('a histogram that is none is left out alone, and goes on from where it was', () => {
  const le = [1, 2]
  const looks = look(
    [{ requests: 3, latency: { le, count: [1, 1, 1] } }],
    [{ requests: 4, latency: { le, count: [2, 1] } }],
    [{ requests: 5, latency: { le: [2, 1], count: [2, 2, 1] } }],
    [{ requests: 6, latency: { le, count: [2, 2, 2] }, waiting: { le: [1], count: [0, 9] } }],
  )
  expect(counted(looks).map(({ r1 }) => r1)).toEqual([
    { requests: 3, errors: 0, latency: { le, count: [1, 1, 1] } },
    counts(1),
    counts(1),
    { requests: 1, errors: 0, latency: { le, count: [1, 1, 1] } },
  ])
  expect(said(looks).flat()).toEqual([
    'r1 (7): its latencies are no histogram',
    'r1 (7): its latencies are no histogram',
    'r1 (7): its waiting requests are not in the buckets of its latencies',
  ])
})

test('an instance without a release convicts nobody', () => {
  const [only] = look([
    { release: null, requests: 5, errors: 5 },
    { release: null, instance: '8', requests: 5 },
  ])
  expect(only?.byRelease).toEqual({})
  expect(only?.problems).toEqual(['nothing tells which release 7, 8 are: it convicts nobody'])
})

test('when the clock goes back one look is left out, and what was counted meanwhile comes with the next', () => {
  const first = countSince(NOTHING_READ, [reading({ at: 10_000, requests: 5 })], 10_000)
  const back = countSince(first.memory, [reading({ at: 4_000, requests: 7 })], 4_000)
  expect(back.byRelease).toEqual({})
  expect(back.problems).toEqual(['the clock went back by 6 s; this look is left out'])
  const after = countSince(back.memory, [reading({ at: 5_000, requests: 9 })], 5_000)
  expect(after.byRelease).toEqual({ r1: counts(4) })
})

test('an instance that is gone for a moment is not counted twice, one that is gone for an hour is forgotten', () => {
  const here = (now: number, requests: number) => [reading({ at: now, requests })]
  let { memory } = countSince(NOTHING_READ, here(1_000, 10), 1_000)
  memory = countSince(memory, [], 2_000).memory
  const back = countSince(memory, here(1_800_000, 11), 1_800_000)
  expect(back.byRelease).toEqual({ r1: counts(1) })
  memory = countSince(back.memory, [], 2_000_000).memory
  expect(Object.keys(countSince(memory, [], 5_000_000).memory.instances)).toHaveLength(1)
  expect(Object.keys(countSince(memory, [], 5_700_000).memory.instances)).toEqual([])
})

test('what is remembered does not grow with the number of instances there ever were', () => {
  let memory = NOTHING_READ
  for (let now = 1; now <= 1_200; now++)
    memory = countSince(
      memory,
      [reading({ instance: `${now}`, at: now }), reading({ at: now, startedAt: now })],
      now,
    ).memory
  expect(Object.keys(memory.instances).length).toBeLessThan(1_005)
  expect(memory.ended.length).toBeLessThan(1_005)
})

test('a thousand broken readings are a few lines', () => {
  const many = Array.from({ length: 1_000 }, (_, index) => ({ instance: `${index}`, errors: Number.NaN }))
  const [only] = look(many)
  expect(only?.problems).toHaveLength(21)
  expect(only?.problems.at(-1)).toBe('and 980 more like these')
})

test('instances with different buckets are summed in those that both have', () => {
  const fine = {
    requests: 10,
    errors: 0,
    latency: { le: [1, 2, 4, 8], count: [1, 2, 3, 4, 0] },
    late: [9, 8, 5, 1],
  }
  const coarse = { requests: 5, errors: 1, latency: { le: [2, 8, 9], count: [1, 1, 1, 2] } }
  expect(mergeCounts(fine, coarse)).toEqual({
    requests: 15,
    errors: 1,
    latency: { le: [2, 8], count: [4, 8, 3] },
    late: [12, 4],
  })
})

const histogram = fc.array(fc.nat({ max: 9 }), { minLength: 5, maxLength: 5 })

test('however instances are summed, each bound that all have sees the same', () => {
  fc.assert(
    fc.property(histogram, histogram, fc.subarray([1, 2, 4, 8], { minLength: 1 }), (a, b, le) => {
      const wide = { requests: 0, errors: 0, latency: { le: [1, 2, 4, 8], count: a } }
      const narrow = { requests: 0, errors: 0, latency: { le, count: b.slice(0, le.length + 1) } }
      const sum = mergeCounts(wide, narrow)
      expect(sum.latency?.le).toEqual(le)
      for (const [index, bound] of le.entries()) {
        const one = slowerThan(wide, wide.latency.le.indexOf(bound))
        const other = slowerThan(narrow, index)
        const total = one.total + other.total
        expect(slowerThan(sum, index)).toEqual({ slow: one.slow + other.slow, total })
      }
    }),
  )
})

test('late ones are judged by what waited, answered ones by what they took', () => {
  const latency = { le: [10, 20], count: [5, 3, 2] }
  const plain = { requests: 10, errors: 0, latency }
  expect([0, 1].map((index) => slowerThan(plain, index))).toEqual([
    { slow: 5, total: 10 },
    { slow: 2, total: 10 },
  ])
  expect([0, 1].map((index) => slowerThan({ ...plain, late: [9, 1] }, index))).toEqual([
    { slow: 9, total: 14 },
    { slow: 1, total: 9 },
  ])
})
