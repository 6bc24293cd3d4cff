import { expect, test } from 'vitest'
import { transactionWindow, writtenInside } from './transaction-window.ts'

test('the next transaction without its epoch, and how far back the checkpoint is', () => {
  const epoch = 3n * 2n ** 32n
  expect(transactionWindow(String(epoch - 5n), String(epoch + 10n))).toEqual({
    usable: true,
    next: '10',
    width: '15',
    wrapped: true,
  })
  expect(transactionWindow('700', '900')).toMatchObject({ usable: true, wrapped: false })
})

test.each([
  ['900', '700', /another server/],
  ['3', String(2n ** 31n + 3n), /two thousand million/],
  ['', '700', /does not say/],
])('%s to %s cannot be used', (from, to, why) => {
  expect(transactionWindow(from, to)).toMatchObject({ usable: false, why: expect.stringMatching(why) })
})

test('one transaction short of the horizon can', () => {
  expect(transactionWindow('3', String(2n ** 31n + 2n))).toMatchObject({ usable: true })
})

test('the condition goes round with the counter', () => {
  const window = transactionWindow(String(2n ** 32n - 5n), String(2n ** 32n + 10n))
  if (!window.usable) throw new Error(window.why)
  const sql = writtenInside(window, 't')
  const young = (xmin: number) => {
    const distance = (10 - xmin + 2 ** 32) % 2 ** 32
    return xmin >= 3 && distance >= 1 && distance <= 15
  }
  expect(sql).toContain('(10 - t.xmin::text::bigint + 4294967296) % 4294967296 between 1 and 15')
  expect([2 ** 32 - 5, 2 ** 32 - 1, 3, 9].map(young)).toEqual([true, true, true, true])
  expect([2 ** 32 - 6, 10, 2, 1000].map(young)).toEqual([false, false, false, false])
})
