import { describe, expect, it } from 'vitest'
import type { CatalogObject, DatabaseContent } from './checkpoint.ts'
import { countLost, judgeDown, type TrialContent, withoutBookkeeping } from './judge-down.ts'

/** Table -> column -> its values, one letter each; `-` is null. */
type Tables = Record<string, Record<string, string>>

function state(tables: Tables, sequences: Record<string, string> = {}): TrialContent {
  const named = Object.entries(tables)
  const filled = (values: string) => values.replaceAll('-', '')
  const sorted = (values: string) => [...values].sort().join('')
  const content: DatabaseContent = {
    tables: named.map(([name, columns]) => ({
      schema: 'public',
      name,
      rows: Math.max(0, ...Object.values(columns).map(({ length }) => length)),
      hash: Object.entries(columns)
        .map(([column, values]) => `${column}${sorted(values)}`)
        .sort()
        .join(),
      primaryKey: null,
      bytes: 1,
    })),
    sequences: Object.entries(sequences).map(([name, lastValue]) => ({
      schema: 'public',
      name,
      lastValue,
      isCalled: true,
    })),
    extensions: [],
    catalog: named.flatMap(([name, columns]): CatalogObject[] => [
      { kind: 'table', name: `public.${name}`, definition: 'table' },
      { kind: 'column-order', name: `public.${name}`, definition: Object.keys(columns).join() },
      ...Object.keys(columns).map((column) => ({
        kind: 'column' as const,
        name: `public.${name}.${column}`,
        definition: 'text',
      })),
    ]),
    largeObjects: 0,
  }
  const columns = named.flatMap(([name, all]) =>
    Object.entries(all).map(([column, values]) => ({
      table: `public.${name}`,
      column,
      values: filled(values).length,
      hash: sorted(filled(values)),
    })),
  )
  return { content, columns }
}

const judge = (before: Tables, up: Tables, written: Tables, after: Tables) =>
  judgeDown({ before: state(before), up: state(up), written: state(written), after: state(after) })
const NOTHING = { lost: [], differences: [] }

describe('the way down', () => {
  it.each<[string, Tables, Tables, Tables, Tables]>([
    [
      'a column that nobody filled',
      { a: { x: 'pq' } },
      { a: { x: 'pq', y: '--' } },
      { a: { x: 'pq', y: '--' } },
      { a: { x: 'pq' } },
    ],
    [
      'rows of the checks stay',
      { a: { x: 'p' } },
      { a: { x: 'p', y: '-' } },
      { a: { x: 'pq', y: '--' } },
      { a: { x: 'pq' } },
    ],
    [
      'a column comes back at the end',
      { a: { x: '-', z: 'p' } },
      { a: { z: 'p' } },
      { a: { z: 'p' } },
      { a: { z: 'p', x: '-' } },
    ],
    [
      'a column is put aside',
      { a: { x: 'p' } },
      { a: { parked: 'p' } },
      { a: { parked: 'pq' } },
      { a: { x: 'pq' } },
    ],
    [
      'a table is put aside',
      { a: { x: 'p' } },
      { parked: { x: 'p' } },
      { parked: { x: 'pq' } },
      { a: { x: 'pq' } },
    ],
    [
      'values are changed and changed back',
      { a: { x: 'p' } },
      { a: { x: 'P' } },
      { a: { x: 'P' } },
      { a: { x: 'p' } },
    ],
    ['the checks delete a row', { a: { x: 'pq' } }, { a: { x: 'pq' } }, { a: { x: 'p' } }, { a: { x: 'p' } }],
  ])('leads back: %s', (_what, before, up, written, after) => {
    expect(judge(before, up, written, after)).toEqual(NOTHING)
  })

  it('counts what the release brought and goes with it', () => {
    const before = { a: { x: 'pq' } }
    const up = { a: { x: 'pq', y: '--' }, b: { x: '' } }
    const written = { a: { x: 'pqr', y: 'k-l' }, b: { x: 'mn' } }
    expect(judge(before, up, written, { a: { x: 'pqr' } })).toEqual({
      lost: [
        { what: 'the values in public.a.y', rows: 2, whole: { table: 'public.a', column: 'y' } },
        { what: 'the rows of public.b', rows: 2, whole: { table: 'public.b', column: null } },
      ],
      differences: [],
    })
  })

  it('counts rows of the new release that are deleted to get back', () => {
    const before = { a: { x: 'p', y: 'k' } }
    const written = { a: { x: 'pqr', y: 'k--' } }
    const up = { a: { x: 'p', y: 'k' } }
    expect(judge(before, up, written, before)).toEqual({
      lost: [{ what: 'the rows of public.a', rows: 2 }],
      differences: [],
    })
  })

  it.each<[string, Tables, Tables, Tables, Tables, string]>([
    [
      'the way up drops values for good',
      { a: { x: 'pq', z: '--' } },
      { a: { z: '--' } },
      { a: { z: '---' } },
      { a: { x: '---', z: '---' } },
      'column public.a.x: 2 of 2 values that were there before are gone for good',
    ],
    [
      'a default stands where values were',
      { a: { x: 'pq' } },
      { a: {} },
      { a: {} },
      { a: { x: '00' } },
      'column public.a.x has other values than before: after it',
    ],
    [
      'values are changed and not changed back',
      { a: { x: 'p' } },
      { a: { x: 'P' } },
      { a: { x: 'P' } },
      { a: { x: 'P' } },
      'column public.a.x has other values than before: the way up has changed them, and the way down does not change them back',
    ],
    [
      'old rows are deleted on the way down',
      { a: { x: 'pq' } },
      { a: { x: 'pq' } },
      { a: { x: 'pq' } },
      { a: { x: 'p' } },
      'table public.a: 1 of 2 rows that were there before are gone for good',
    ],
    [
      'other values in a table that no migration names',
      { a: { x: 'pq' } },
      { a: { x: 'pq' } },
      { a: { x: 'pq' } },
      { a: { x: 'pz' } },
      'table public.a has other rows than when the down began, and no migration changes its columns',
    ],
    [
      'a table is dropped on the way up and comes back empty',
      { a: { x: 'pq' } },
      {},
      {},
      { a: { x: '' } },
      'table public.a: 2 of 2 rows that were there before are gone for good',
    ],
    [
      'something is forgotten',
      { a: { x: 'p' } },
      { a: { x: 'p', y: '-' } },
      { a: { x: 'p', y: '-' } },
      { a: { x: 'p', y: '-' } },
      'column public.a.y should not be there',
    ],
    [
      'a column is not given back',
      { a: { x: '-', y: 'p' } },
      { a: { y: 'p' } },
      { a: { y: 'p' } },
      { a: { y: 'p' } },
      'column public.a.x is not there',
    ],
  ])('does not lead back: %s', (_what, before, up, written, after, difference) => {
    expect(judge(before, up, written, after).differences).toEqual([difference])
  })

  it('sees a sequence that begins anew', () => {
    const at = (value: string) => state({ a: { x: 'p' } }, { a_id_seq: value })
    const { differences } = judgeDown({
      before: at('500'),
      up: at('500'),
      written: at('501'),
      after: at('1'),
    })
    expect(differences).toEqual(['sequence public.a_id_seq is at 1, not at 500'])
  })
})

it('counts what is lost where nothing is known of the time before', () => {
  const lost = countLost(state({ a: { x: 'pq', y: 'k-' }, b: { x: 'm' } }), state({ a: { x: 'p' } }))
  expect(lost).toEqual([
    { what: 'the rows of public.a', rows: 1 },
    { what: 'the values in public.a.y', rows: 1, whole: { table: 'public.a', column: 'y' } },
    { what: 'the rows of public.b', rows: 1, whole: { table: 'public.b', column: null } },
  ])
})

it('leaves out what the migration tool keeps its record in, and nothing that is only called like it', () => {
  const { content } = state(
    { migrations: { id: 'a' }, migrations_of_birds: { id: 'a' }, migrations_lock: { id: 'a' } },
    { migrations_id_seq: '4' },
  )
  const index: CatalogObject = {
    kind: 'index',
    name: 'public.PK_1234',
    definition: 'CREATE UNIQUE INDEX "PK_1234" ON public.migrations USING btree (id)',
  }
  const left = withoutBookkeeping({ ...content, catalog: [...content.catalog, index] }, 'migrations')
  expect(left.tables.map(({ name }) => name)).toEqual(['migrations_of_birds'])
  expect(left.sequences).toEqual([])
  expect(new Set(left.catalog.map(({ name }) => name))).toEqual(
    new Set(['public.migrations_of_birds', 'public.migrations_of_birds.id']),
  )
  expect(withoutBookkeeping(content, 'tool.migrations').tables).toHaveLength(3)
})
