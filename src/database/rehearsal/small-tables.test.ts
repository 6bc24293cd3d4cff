import { expect, it } from 'vitest'
import type { CatalogObject, DatabaseContent } from '../../domain/checkpoint.ts'
import { smallTables } from './small-tables.ts'

const table = (schema: string, name: string, bytes: number) => ({
  schema,
  name,
  rows: 1,
  hash: '1',
  primaryKey: null,
  bytes,
})
const key = (child: string, parent: string): CatalogObject => ({
  kind: 'constraint',
  name: `${child}.fk`,
  definition: `FOREIGN KEY (x) REFERENCES ${parent}(id) ON DELETE CASCADE`,
})

it('takes small tables, and none whose rows refer to rows that stay behind', () => {
  const content: DatabaseContent = {
    tables: [
      table('public', 'orders', 9e9),
      table('public', 'items', 1000),
      table('odd one', 'Gifts', 1000),
      table('public', 'settings', 1000),
      table('public', 'currency', 1000),
      table('public', 'migrations', 1000),
    ],
    sequences: [],
    extensions: [],
    catalog: [
      key('public.items', 'public.orders'),
      key('odd one.Gifts', 'public.items'),
      key('public.settings', 'public.currency'),
      key('public.currency', '"odd one"."Other"'),
    ],
    largeObjects: 0,
  }
  expect(smallTables(content).map(({ name }) => name)).toEqual(['migrations'])
  const [, ...rest] = content.catalog.toReversed()
  expect(smallTables({ ...content, catalog: rest }).map(({ name }) => name)).toEqual([
    'settings',
    'currency',
    'migrations',
  ])
})
