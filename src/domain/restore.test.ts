import { expect, test } from 'vitest'
import type { DamagedMark, NextMark } from './database-mark.ts'
import { type DatabasesView, expiredOf, isShut, stageOf, undoable, unfinishedOf } from './restore.ts'

const at = '2026-11-23T18:00:00.000Z'
const expires = '2026-11-30T18:00:00.000Z'

function next(restore: string, state: NextMark['state'], oid = 20) {
  const mark: NextMark = { role: 'next', of: 'shop', restore, checkpoint: 'c1', state, at, expires }
  return { name: `shop_next_${restore}`, oid, allowsConnections: true, bytes: null, mark }
}

function damaged(restore: string, replacedBy: number, oid = 30) {
  const mark: DamagedMark = {
    ...{ role: 'damaged', of: 'shop', restore, checkpoint: 'c1', state: 'kept', at, expires },
    ...{ replacedBy, comment: null, frozen: null },
  }
  return { name: `shop_bad_${oid}`, oid, allowsConnections: true, bytes: null, mark }
}

function view(changes: Partial<DatabasesView>): DatabasesView {
  const live = { name: 'shop', oid: 10, allowsConnections: true, bytes: null, mark: null }
  return { database: 'shop', live, next: [], damaged: [], swapRunning: false, ...changes }
}

test('how far a restore is', () => {
  expect(stageOf(view({}), 'k1')).toBe('none')
  expect(stageOf(view({ next: [next('k1', 'verified')] }), 'k1')).toBe('verified')
  expect(stageOf(view({ damaged: [damaged('k1', 10)] }), 'k1')).toBe('swapped')
  expect(stageOf(view({ damaged: [damaged('k1', 9)] }), 'k1')).toBe('superseded')
})

test('only the one whose database serves can be taken back', () => {
  const both = view({ damaged: [damaged('k1', 31, 30), damaged('k2', 10, 31)] })
  expect(undoable(both)).toEqual({ id: 'k2', checkpoint: 'c1' })
  expect(undoable(view({ damaged: [damaged('k1', 9)] }))).toBe(null)
})

test('what was begun and not ended is gone on with', () => {
  expect(unfinishedOf(view({ next: [next('k1', 'built')] }), 'c1')).toEqual({ id: 'k1', checkpoint: 'c1' })
  expect(unfinishedOf(view({ next: [next('k1', 'undone')] }), 'c1')).toBe(null)
  expect(unfinishedOf(view({ next: [next('k1', 'built')] }), 'c2')).toBe(null)
})

test('shut: a cut swap, or a PgBouncer that is paused', () => {
  const live = { name: 'shop', oid: 10, allowsConnections: false, bytes: null, mark: null }
  const open = { pgbouncer: null, pgbouncerProblem: null }
  expect(isShut({ ...view({ live, next: [next('k1', 'swapping')] }), ...open })).toBe(true)
  expect(isShut({ ...view({ next: [next('k1', 'carried')] }), ...open })).toBe(false)
  expect(isShut({ ...view({}), pgbouncer: { paused: true }, pgbouncerProblem: null })).toBe(true)
})

test('nothing that serves expires', () => {
  const all = view({ next: [next('k1', 'undone', 10), next('k2', 'built', 21)], damaged: [damaged('k3', 5)] })
  const later = Date.parse(expires)
  expect(expiredOf(all, later).map(({ oid }) => oid)).toEqual([21, 30])
  expect(expiredOf(all, later - 1)).toEqual([])
})
