import { expect, test } from 'vitest'
import { boundByCounts, boundWrites } from './bound-writes.ts'

const exactly = (count: number) => ({ from: count, to: count })

test.each([
  ['nothing', 100, 100, 0, 0, 0, 0],
  ['only inserts', 100, 150, 50, 50, 0, 0],
  ['only deletes', 100, 90, 0, 0, 0, 10],
  ['a table that was empty', 0, 7, 7, 7, 0, 0],
  ['a table that was emptied', 7, 0, 0, 0, 0, 7],
])('%s is known exactly', (_, then, now, written, inserted, updated, deleted) => {
  expect(boundWrites(then, now, written)).toEqual({
    inserted: exactly(inserted),
    updated: exactly(updated),
    deleted: exactly(deleted),
  })
})

test('5 written rows and 2 more than before: between 2 and 5 inserts, the truth is always inside', () => {
  expect(boundWrites(100, 102, 5)).toEqual({
    inserted: { from: 2, to: 5 },
    updated: { from: 0, to: 3 },
    deleted: { from: 0, to: 3 },
  })
})

test('whatever happens to a table, the bounds hold it', () => {
  for (let then = 0; then < 5; then++)
    for (let inserted = 0; inserted < 5; inserted++)
      for (let updated = 0; updated <= then; updated++)
        for (let deleted = 0; deleted <= then - updated; deleted++) {
          const bounds = boundWrites(then, then + inserted - deleted, inserted + updated)
          for (const [kind, truth] of Object.entries({ inserted, updated, deleted })) {
            const { from, to } = bounds[kind as keyof typeof bounds]
            expect(from <= truth && truth <= to, `${kind} of ${then}+${inserted}~${updated}-${deleted}`).toBe(
              true,
            )
          }
        }
})

test('by counts alone every row may be a new one', () => {
  expect(boundByCounts(10, 10)).toEqual({
    inserted: { from: 0, to: 10 },
    updated: { from: 0, to: 10 },
    deleted: { from: 0, to: 10 },
  })
})
