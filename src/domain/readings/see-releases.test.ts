import { expect, test } from 'vitest'
import type { Reading } from '../reading.ts'
import { countSince } from './count-since.ts'
import { NOTHING_READ, type ReadingMemory } from './memory.ts'
import { crashLoopOf, restartsOf, seeReleases } from './see-releases.ts'

type Part = Partial<Reading> & { instance: string }

function readings(now: number, parts: Part[]): Reading[] {
  return parts.map((part) => ({
    release: 'r1',
    at: now,
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
    ...part,
  }))
}

const look = (memory: ReadingMemory, now: number, ...parts: Part[]) =>
  countSince(memory, readings(now, parts), now)

/** Seconds -> pids that are there then, each born when it is first seen. */
function watch(times: Record<number, string[]>): ReadingMemory {
  const born = new Map<string, number>()
  let memory = NOTHING_READ
  for (const [second, pids] of Object.entries(times)) {
    const now = Number(second) * 1_000
    for (const pid of pids) if (!born.has(pid)) born.set(pid, now)
    const parts = pids.map((instance) => ({ instance, startedAt: born.get(instance) ?? null }))
    memory = look(memory, now, ...parts).memory
  }
  return memory
}

const rule = { liveSince: 10_000, wanted: 2 }

test('sums what instances tell, and says since when one does not answer', () => {
  const le = [1]
  let made = look(
    NOTHING_READ,
    1_000,
    {
      instance: '1',
      rss: 100,
      connections: 2,
      sessions: 3,
      latency: { le, count: [0, 0] },
      waiting: { le, count: [1, 2] },
    },
    {
      instance: '2',
      rss: 200,
      connections: 1,
      latency: { le, count: [0, 0] },
      waiting: { le, count: [0, 1] },
    },
    { instance: '3', release: 'r2' },
  )
  expect(seeReleases(made)).toEqual({
    r1: {
      instances: [
        { instance: '1', bornAt: 0, unansweredSince: null, rss: 100 },
        { instance: '2', bornAt: 0, unansweredSince: null, rss: 200 },
      ],
      connections: 3,
      sessions: 3,
      open: 4,
      silence: null,
    },
    r2: {
      instances: [{ instance: '3', bornAt: 0, unansweredSince: null, rss: null }],
      connections: null,
      sessions: null,
      open: null,
      silence: null,
    },
  })
  for (const now of [2_000, 3_000])
    made = look(made.memory, now, { instance: '1', rss: 110 }, { instance: '2', answered: false })
  expect(seeReleases(made).r1?.instances).toEqual([
    { instance: '1', bornAt: 0, unansweredSince: null, rss: 110 },
    { instance: '2', bornAt: 0, unansweredSince: 2_000, rss: null },
  ])
  expect(seeReleases(made).r2).toBeUndefined()
  made = look(made.memory, 4_000, { instance: '2', requests: 4 })
  expect(made.byRelease.r1?.requests).toBe(4)
  expect(seeReleases(made).r1?.instances).toMatchObject([{ instance: '2', unansweredSince: null }])
})

test('first starts are no restarts: those before it went live, and as many as are wanted', () => {
  expect(restartsOf(watch({ 1: ['1', '2'], 11: ['1', '2'] }), 'r1', rule)).toEqual([])
  expect(restartsOf(watch({ 11: ['1'], 12: ['1', '2'] }), 'r1', rule)).toEqual([])
  expect(restartsOf(watch({ 1: ['1', '2'], 11: ['1', '3'], 15: ['1', '4'] }), 'r1', rule)).toEqual([
    11_000, 15_000,
  ])
})

test('the same pid with another start is a restart', () => {
  let { memory } = look(NOTHING_READ, 1_000, { instance: '1', startedAt: 500 })
  memory = look(memory, 20_000, { instance: '1', startedAt: 19_000 }).memory
  expect(restartsOf(memory, 'r1', { liveSince: 2_000, wanted: 1 })).toEqual([19_000])
})

test('instances that end as soon as they have started are a loop', () => {
  const loop = { 1: ['1', '2'], 11: ['3', '2'], 13: ['4', '2'], 15: ['5', '2'], 17: ['6', '2'] }
  const memory = watch(loop)
  expect(crashLoopOf(memory, 'r1', rule)).toEqual({ restarts: 4, since: 11_000 })
  expect(crashLoopOf(memory, 'r1', rule, { times: 5 })).toBeNull()
  expect(crashLoopOf(memory, 'r2', rule)).toBeNull()
  // A minute later it is over.
  expect(crashLoopOf(watch({ ...loop, 90: ['6', '2'] }), 'r1', rule)).toBeNull()
})

test.each<[string, Record<number, string[]>]>([
  [
    'a reload of what has served for long',
    { 1: ['1', '2', '3', '4'], 900: ['5', '6', '7', '8'], 901: ['5', '6', '7', '8'] },
  ],
  ['a service that is made larger', { 1: ['1', '2'], 20: ['1', '2', '3', '4', '5', '6'] }],
  ['one that is made smaller', { 1: ['1', '2', '3', '4', '5', '6'], 20: ['1'] }],
  [
    'scrapes that fail',
    { 1: ['1', '2'], 11: [], 12: ['1', '2'], 13: [], 14: ['1', '2'], 15: ['1'], 16: ['1', '2'] },
  ],
])('no loop: %s', (_, times) => {
  expect(crashLoopOf(watch(times), 'r1', { ...rule, liveSince: 2_000 })).toBeNull()
})

test('what an instance did before anybody saw it says nothing about how much comes now', () => {
  let memory = look(NOTHING_READ, 1_000, { instance: '1', requests: 5 }).memory
  for (let second = 2; second <= 60; second++)
    memory = look(memory, second * 1_000, { instance: '1', requests: second * 10 }).memory
  const old = { instance: '2', requests: 1_000_000 }
  memory = look(memory, 61_000, { instance: '1', requests: 610 }, old).memory
  const made = look(memory, 62_000, { instance: '1', requests: 610 }, old)
  expect(seeReleases(made).r1?.silence?.expected).toBeLessThan(11)
})

test('silence is measured by what used to come', () => {
  let memory = NOTHING_READ
  let requests = 1_000_000
  const lookAt = (now: number, more: number) => {
    requests += more
    const made = look(memory, now, { instance: '1', requests })
    memory = made.memory
    return seeReleases(made).r1?.silence
  }
  // What came before anybody looked came at nobody knows which rate.
  expect(lookAt(1_000, 0)).toBeNull()
  for (let second = 2; second <= 600; second++) lookAt(second * 1_000, 10)
  expect(lookAt(601_000, 0)).toEqual({ since: 600_000, expected: expect.closeTo(10, 6) })
  expect(lookAt(630_000, 0)?.expected).toBeCloseTo(300, 6)
  // Over again, and the quiet minute is part of the rate from now on.
  expect(lookAt(660_000, 10)?.expected).toBe(0)
  const after = lookAt(661_000, 0)?.expected ?? 0
  expect(after).toBeGreaterThan(7)
  expect(after).toBeLessThan(9)
})
