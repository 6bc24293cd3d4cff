import { expect, test } from 'vitest'
import { compareKeys, type KeyOrder } from './compare-keys.ts'
import { mergeRows, type RowDigest } from './merge-rows.ts'

const row = (key: string, hash = 'a', rest: Partial<RowDigest> = {}): RowDigest => ({
  key: [key],
  hash,
  copies: 1,
  later: false,
  ...rest,
})

async function* inBatches(rows: readonly RowDigest[], size: number): AsyncGenerator<RowDigest[]> {
  for (let i = 0; i < rows.length; i += size) yield rows.slice(i, i + size)
}

async function merge(ours: RowDigest[], theirs: RowDigest[], order: KeyOrder = 'integer', size = 2) {
  const found: string[] = []
  for await (const { kind, key, copies, changedAgain } of mergeRows(
    inBatches(ours, size),
    inBatches(theirs, size),
    [order],
  ))
    found.push(`${kind} ${key} x${copies}${changedAgain ? ' again' : ''}`)
  return found
}

test('inserts, updates and deletes by key, whatever the batches', async () => {
  const ours = [row('-3'), row('1'), row('2', 'b'), row('9'), row('10'), row('11', 'c')]
  const theirs = [
    row('1'),
    row('2'),
    row('5'),
    row('9'),
    row('11', 'd', { later: true }),
    row('12', 'e', { later: true }),
  ]
  const expected = [
    'inserted -3 x1',
    'updated 2 x1',
    'deleted 5 x1',
    'inserted 10 x1',
    'updated 11 x1 again',
    'later 12 x1',
  ]
  for (const size of [1, 2, 3, 100]) expect(await merge(ours, theirs, 'integer', size)).toEqual(expected)
})

test('an empty side', async () => {
  expect(await merge([], [])).toEqual([])
  expect(await merge([row('1')], [])).toEqual(['inserted 1 x1'])
  expect(await merge([], [row('1')])).toEqual(['deleted 1 x1'])
})

test('equal rows without a key are counted', async () => {
  const ours = [row('aa', 'aa', { copies: 3 }), row('bb', 'bb', { copies: 1 })]
  const theirs = [row('aa', 'aa', { copies: 1 }), row('bb', 'bb', { copies: 2 })]
  expect(await merge(ours, theirs, 'text')).toEqual(['inserted aa x2', 'deleted bb x1'])
})

test('an error of a side is thrown', async () => {
  const broken = (async function* (): AsyncGenerator<RowDigest[]> {
    yield [row('1')]
    throw new Error('the server went away')
  })()
  const read = async () => {
    for await (const _ of mergeRows(broken, inBatches([row('1')], 1), ['integer'])) expect(_).toBeUndefined()
  }
  await expect(read()).rejects.toThrow('the server went away')
})

test('whole numbers by value, of any size', () => {
  const sorted = ['-9223372036854775808', '-10', '-9', '0', '9', '10', '9223372036854775807']
  const shuffled = [...sorted].reverse()
  expect(shuffled.sort((a, b) => compareKeys([a], [b], ['integer']))).toEqual(sorted)
})

test('text as its UTF-8 bytes, also above the pairs', () => {
  const words = ['', 'Z', 'a', 'ab', 'é', '\uffee', '😀', '😁']
  const shuffled = [...words].reverse()
  expect(shuffled.sort((a, b) => compareKeys([a], [b], ['text']))).toEqual(
    [...words].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  )
})

test('the second column decides where the first is equal', () => {
  expect(compareKeys(['1', 'b'], ['1', 'a'], ['integer', 'text'])).toBeGreaterThan(0)
  expect(compareKeys(['1', null], ['1', 'a'], ['integer', 'text'])).toBeGreaterThan(0)
  expect(compareKeys(['1', 'a'], ['1', 'a'], ['integer', 'text'])).toBe(0)
})
