import { expect, test } from 'vitest'
import type { CatalogObject, DatabaseContent, TableContent } from './checkpoint.ts'
import { compareCatalogs, compareContent } from './compare-content.ts'

const table = (name: string, rows: number, hash: string | null = 'h'): TableContent => ({
  schema: 'public',
  name,
  rows,
  hash,
  primaryKey: null,
  bytes: 1,
})

function content(tables: TableContent[], more: Partial<DatabaseContent> = {}): DatabaseContent {
  return { tables, sequences: [], extensions: [], catalog: [], largeObjects: 0, ...more }
}

const sequence = (lastValue: string, isCalled: boolean) =>
  content([], { sequences: [{ schema: 'public', name: 's', lastValue, isCalled }] })

const check = (definition: string): CatalogObject[] => [
  { kind: 'constraint', name: 'public.t.k', definition },
]

test('names tables that are gone, too many, longer, and changed without being longer', () => {
  const expected = content([table('gone', 1), table('short', 5), table('same', 3), table('changed', 3)])
  const actual = content([
    table('short', 4),
    table('same', 3),
    table('changed', 3, 'other'),
    table('extra', 0),
  ])
  expect(compareContent(expected, actual)).toEqual([
    'table public.gone is not there',
    'table public.short has 4 rows, not 5',
    'table public.changed has the same 3 rows by number, and others by content',
    'table public.extra should not be there',
  ])
  expect(compareContent(expected, actual, { rows: false })).toEqual([])
})

test('a hash that nobody took is no difference', () => {
  expect(compareContent(content([table('t', 1, null)]), content([table('t', 1)]))).toEqual([])
})

test('a sequence may be further on, never back', () => {
  expect(compareContent(sequence('7', true), sequence('900719925474099312', true))).toEqual([])
  expect(compareContent(sequence('7', false), sequence('7', true))).toEqual([])
  expect(compareContent(sequence('7', true), sequence('7', false))).toHaveLength(1)
  expect(compareContent(sequence('7', true), sequence('6', true))).toEqual([
    'sequence public.s is at 6, not at 7',
  ])
})

test('an expression that a restore wrote down anew is the same, and only then', () => {
  const before = check(
    "CHECK (((state)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))",
  )
  const after = check(
    "CHECK (((state)::text = ANY (ARRAY[('a'::character varying)::text, ('b'::character varying)::text])))",
  )
  expect(compareCatalogs(before, after, { reparsed: true })).toEqual([])
  expect(compareCatalogs(before, after)).toHaveLength(1)
  expect(compareCatalogs(before, check("CHECK (state = 'a')"), { reparsed: true })).toHaveLength(1)
})

test('the order of columns is told apart from the columns', () => {
  const order = (definition: string): CatalogObject[] => [
    { kind: 'column-order', name: 'public.t', definition },
  ]
  expect(compareCatalogs(order('a, b'), order('b, a'))).toEqual(['column-order public.t is b, a, not a, b'])
  expect(compareCatalogs(order('a, b'), order('b, a'), { columnOrder: false })).toEqual([])
})
