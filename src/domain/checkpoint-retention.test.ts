import { expect, test } from 'vitest'
import { keptCheckpoint } from '../../test/support/kept-checkpoint.ts'
import type { KeptCheckpoint } from './checkpoint.ts'
import { checkpointsToRetire } from './checkpoint-retention.ts'

const DAY = 86_400_000
const NOW = Date.parse('2026-03-01T00:00:00Z')
const rule = { keep: 3, maxAgeMs: 30 * DAY, maxBytes: null }

const kept = (
  id: string,
  {
    days = 1,
    ...is
  }: { days?: number; bytes?: number; release?: string; ok?: boolean; template?: boolean } = {},
) => keptCheckpoint(id, { createdAt: new Date(NOW - days * DAY).toISOString(), ...is })

const broken = (id: string): KeptCheckpoint => ({ id, readable: false, problem: 'cut off' })
const ids = (...args: Parameters<typeof checkpointsToRetire>) =>
  checkpointsToRetire(...args).map(({ id }) => id)

test('by count the oldest go, by number and not by text', () => {
  const all = ['c8', 'c9', 'c10', 'c11'].map((id) => kept(id))
  expect(checkpointsToRetire(all, rule, [], NOW)).toEqual([
    { id: 'c8', bytes: 100, why: 'the newest 3 are kept' },
  ])
})

test('by age, but never the newest good one', () => {
  const all = [kept('c1', { days: 90 }), kept('c2', { days: 60 }), kept('c3', { days: 40 })]
  expect(ids(all, rule, [], NOW)).toEqual(['c1', 'c2'])
})

test('by size the oldest go until the rest fits, and a small one may stay where a large one goes', () => {
  const all = [kept('c1', { bytes: 10 }), kept('c2', { bytes: 500 }), kept('c3', { bytes: 80 })]
  expect(ids(all, { ...rule, maxBytes: 100 }, [], NOW)).toEqual(['c2'])
})

test('the newest good one stays although it alone is over the size', () => {
  expect(ids([kept('c1', { bytes: 500 })], { ...rule, maxBytes: 100 }, [], NOW)).toEqual([])
})

test('what a trial found bad, or nobody can read, protects nothing', () => {
  const all = [kept('c1', { days: 99, ok: true }), kept('c2', { days: 98, ok: false }), broken('c3')]
  expect(ids(all, rule, [], NOW)).toEqual(['c2'])
  expect(ids([kept('c1', { ok: true }), broken('c2'), broken('c3'), broken('c4')], rule, [], NOW)).toEqual([])
})

test('the newest good one of a release that somebody may go back to stays', () => {
  const all = [
    kept('c1', { release: 'r1' }),
    kept('c2', { release: 'r1', ok: true }),
    kept('c3', { release: 'r1', ok: false }),
    ...['c4', 'c5', 'c6', 'c7'].map((id) => kept(id, { release: 'r2' })),
  ]
  expect(ids(all, rule, ['r1', 'r2'], NOW)).toEqual(['c1', 'c3', 'c4'])
})

test('keep 0 keeps one', () => {
  expect(ids([kept('c1'), kept('c2')], { ...rule, keep: 0 }, [], NOW)).toEqual(['c1'])
})

test('the newest dump stays, however many templates are newer: those are on the disk of the database itself', () => {
  const all = [kept('c1'), kept('c2'), ...['c3', 'c4', 'c5', 'c6'].map((id) => kept(id, { template: true }))]
  expect(ids(all, rule, [], NOW)).toEqual(['c1', 'c3'])
})
