import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Fact, journalOf } from '../../../test/support/incident-journal.ts'
import { foldOutbox, messageFor } from '../../../test/support/messages.ts'
import type { Occasion, QueuedMessage } from './message.ts'
import { dueDeliveries, pendingOf, receiptOf } from './outbox.ts'
import { nextAttemptAt, sayAgainAt } from './retry.ts'

const queued = (id: string, incident: string | null = 'i1', occasion: Occasion = 'opened'): Fact => {
  const { text, ...rest } = messageFor({ id, incident, occasion })
  const message: QueuedMessage = { ...rest, sinks: ['a', 'b'], texts: { responders: text }, public: null }
  return ['MessageQueued', { message }]
}
const facts = (id: string, sink = 'a', attempt = 1) => ({
  ...{ id, sink, attempt, occasion: 'opened' as const, reader: 'responders' as const, note: '' },
})
const confirmed = (id: string): Fact => ['MessageConfirmed', { ...facts(id), receipt: { ts: '1' } }]
const delayed = (id: string, until: string): Fact => [
  'MessageDelayed',
  { ...facts(id), receipt: null, until },
]
const sent = (id: string, again: string | null): Fact => [
  'MessageSent',
  { ...facts(id), receipt: null, again },
]
const failed = (id: string): Fact => ['MessageFailed', facts(id)]

const LATER = '2026-03-01T05:00:00.000Z'
const now = Date.parse('2026-03-01T04:00:00.000Z')
const dueAt = (at: number, ...all: Fact[]) =>
  dueDeliveries(foldOutbox(journalOf(...all)), 'a', at).map(({ message }) => message.id)

test('of one incident nothing overtakes; another is not held up by it', () => {
  const all = [queued('i1/opened'), queued('i1/resolved'), queued('i2/opened', 'i2'), queued('change', null)]
  expect(dueAt(now, ...all)).toEqual(['i1/opened', 'i2/opened', 'change'])
  expect(dueAt(now, ...all, delayed('i1/opened', LATER))).toEqual(['i2/opened', 'change'])
  expect(dueAt(Date.parse(LATER), ...all, delayed('i1/opened', LATER))).toContain('i1/opened')
  expect(dueAt(now, ...all, confirmed('i1/opened'))).toEqual(['i1/resolved', 'i2/opened', 'change'])
  expect(dueAt(now, ...all, failed('i1/opened'))).toEqual(['i1/resolved', 'i2/opened', 'change'])
})

test('one sink does not hold up another', () => {
  const outbox = foldOutbox(
    journalOf(queued('i1/opened'), queued('i1/resolved'), delayed('i1/opened', LATER)),
  )
  expect(dueDeliveries(outbox, 'b', now).map(({ message }) => message.id)).toEqual(['i1/opened'])
  expect(pendingOf(outbox, ['a']).map(({ entry }) => entry.message.id)).toEqual(['i1/opened', 'i1/resolved'])
})

test('queued twice is one; the receipt of an incident is the last that its sink gave', () => {
  const outbox = foldOutbox(journalOf(queued('i1/opened'), queued('i1/opened'), confirmed('i1/opened')))
  expect(outbox.size).toBe(1)
  expect(receiptOf(outbox, 'a', 'i1')).toEqual({ ts: '1' })
  expect(receiptOf(outbox, 'b', 'i1')).toBe(null)
  expect(receiptOf(outbox, 'a', null)).toBe(null)
})

test('what was taken and never confirmed is said again, unless something newer was said since', () => {
  const again = '2026-03-01T03:30:00.000Z'
  expect(dueAt(now, queued('i1/resolved'), sent('i1/resolved', again))).toEqual(['i1/resolved'])
  expect(dueAt(now, queued('i1/resolved'), sent('i1/resolved', null))).toEqual([])
  const reopened = [
    queued('i1/resolved'),
    sent('i1/resolved', again),
    queued('i1/again'),
    confirmed('i1/again'),
  ]
  expect(dueAt(now, ...reopened)).toEqual([])
  expect([1, 2, 3].map((attempt) => sayAgainAt(attempt, 0))).toEqual([60_000, 300_000, null])
})

test('any order of any events folds, and none makes a message that was not queued', () => {
  const any = fc.constantFrom(
    queued('i1/opened'),
    queued('i2/opened', 'i2'),
    confirmed('i1/opened'),
    delayed('i2/opened', LATER),
    sent('i1/opened', null),
    failed('nothing'),
  )
  fc.assert(
    fc.property(fc.array(any, { maxLength: 12 }), (all) => {
      const outbox = foldOutbox(journalOf(...all))
      const known = new Set(
        all.flatMap(([type, data]) => (type === 'MessageQueued' ? [data.message.id] : [])),
      )
      expect([...outbox.keys()].sort()).toEqual([...known].sort())
    }),
  )
})

const attempt = { key: 'k', attempt: 1, occasion: 'opened' as const, queuedAt: now, now, afterMs: null }

test('Retry-After is never undercut, and otherwise the pauses grow and are spread', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 3_600_000 }), fc.integer({ min: 1, max: 30 }), (afterMs, n) => {
      const at = nextAttemptAt({ ...attempt, afterMs, attempt: n })
      expect(at === null || at >= now + afterMs).toBe(true)
    }),
  )
  const pauses = [1, 2, 3, 4, 5, 6].map((n) => (nextAttemptAt({ ...attempt, attempt: n }) ?? 0) - now)
  expect([...pauses].sort((a, b) => a - b)).toEqual(pauses)
  expect(pauses[0]).toBeLessThan(3_000)
  const spread = new Set(['a', 'b', 'c', 'd'].map((key) => nextAttemptAt({ ...attempt, key, attempt: 4 })))
  expect(spread.size).toBe(4)
  expect(nextAttemptAt(attempt)).toBe(nextAttemptAt(attempt))
})

test('it is given up after two hours; the end of an incident after a day', () => {
  const late = { ...attempt, attempt: 9, now: now + 3 * 3_600_000 }
  expect(nextAttemptAt(late)).toBe(null)
  expect(nextAttemptAt({ ...late, occasion: 'resolved' })).toBeGreaterThan(late.now)
  expect(nextAttemptAt({ ...late, occasion: 'resolved', now: now + 25 * 3_600_000 })).toBe(null)
})
