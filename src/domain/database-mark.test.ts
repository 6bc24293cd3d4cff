import { expect, test } from 'vitest'
import { type DamagedMark, ownComment, readMark, writeMark } from './database-mark.ts'

const damaged: DamagedMark = {
  role: 'damaged',
  of: 'my "shop"',
  restore: 'k1',
  checkpoint: 'c2',
  at: '2026-11-23T18:04:02.000Z',
  expires: '2026-11-30T18:04:02.000Z',
  state: 'kept',
  replacedBy: 16_400,
  comment: 'it\'s ours; lastgood:{"not": "a mark"} \\ é',
  frozen: null,
}

test('a mark is a sentence for people and comes back as it was', () => {
  const text = writeMark(damaged)
  expect(text).toMatch(/^What my "shop" was until 2026-11-23.*kept until 2026-11-30/)
  expect(readMark(text)).toEqual(damaged)
  expect(ownComment(text)).toBe(damaged.comment)
})

test('a comment of somebody else is not one', () => {
  for (const text of [null, '', 'the shop', 'see lastgood:{"role":"king","of":"x"}', 'x lastgood:{broken'])
    expect(readMark(text)).toBe(null)
  expect(ownComment('the shop')).toBe('the shop')
})

test('what a restore built has no comment of its own', () => {
  const { of, restore, checkpoint, at, expires } = damaged
  const next = { role: 'next', of, restore, checkpoint, state: 'built', at, expires } as const
  expect(ownComment(writeMark(next))).toBe(null)
})
