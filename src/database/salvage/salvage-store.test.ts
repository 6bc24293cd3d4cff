import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { bundleChild } from '../../../test/support/bundle-child.ts'
import { writeMark } from '../../domain/database-mark.ts'
import { createSalvage } from './create-salvage.ts'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const BAD = 'shop_bad_20261123'
const SIDES = { damaged: BAD, restored: null }
const TABLES = ['order_items', 'orders', 'users']
const REQUEST = { tables: TABLES, without: null }

vi.setConfig({ testTimeout: 90_000 })

let lab: Lab
let postgres: Postgres

beforeAll(async () => {
  lab = await openLab({ name: 'salvage-store' })
  postgres = await lab.postgres()
  await makeStore()
})
afterAll(() => lab.close())

/** The store as it was at the checkpoint under its own name, and beside it what became of it: as a restore leaves them. */
async function makeStore(): Promise<void> {
  await postgres.createDatabase('next')
  const folder = join(ROOT, 'examples/my-store-api/migrations')
  for (const name of (await readdir(folder)).sort()) {
    const sql = await readFile(join(folder, name), 'utf8')
    await postgres.query('next', sql.slice(0, sql.indexOf('-- Down Migration')))
  }
  await postgres.query('next', BEFORE)
  await postgres.query('postgres', 'create database shop template next')
  await postgres.query('shop', AFTER)
  const [row] = await postgres.query<{ oid: string }>(
    'postgres',
    `select oid from pg_database where datname = 'next'`,
  )
  const mark = writeMark({
    role: 'damaged',
    of: 'shop',
    restore: 'a',
    checkpoint: 'c1',
    at: '2026-11-23T12:00:00.000Z',
    expires: '2026-12-23T12:00:00.000Z',
    state: 'kept',
    replacedBy: Number(row?.oid),
    comment: null,
    frozen: null,
  })
  await postgres.query(
    'postgres',
    `begin; alter database shop rename to ${BAD}; alter database next rename to shop;
     comment on database ${BAD} is '${mark.replaceAll("'", "''")}'; commit`,
  )
}

const BEFORE = `
insert into users (email, name, password_hash) select 'u' || n || '@x', 'User ' || n, 'h' from generate_series(1, 500) n;
insert into categories (slug, name) select 'c' || n, 'C' || n from generate_series(1, 5) n;
insert into products (category_id, name, price_cents, stock) select 1 + n % 5, 'P' || n, 100 * n, 10 from generate_series(1, 200) n;
insert into orders (id, user_id, total_cents) select gen_random_uuid(), 1 + n % 500, n from generate_series(1, 2000) n;
insert into order_items select id, 1 + total_cents % 200, 1, total_cents from orders;
insert into sessions select 's' || n, n, now(), now() from generate_series(1, 50) n;`

/** 50,000 orders of old and new customers, wrong prices, and sessions that ended. */
const AFTER = `
insert into users (email, name, password_hash) select 'new' || n || '@x', 'New ' || n, 'h' from generate_series(1, 300) n;
insert into orders (id, user_id, total_cents) select gen_random_uuid(), 1 + n % 800, n from generate_series(10001, 60000) n;
insert into order_items select id, 1 + total_cents % 200, 2, total_cents from orders where total_cents > 10000;
insert into order_items select id, 1 + (total_cents + 7) % 200, 1, 5 from orders where total_cents > 10000 and total_cents % 2 = 0;
update products set price_cents = price_cents / 100 where id % 2 = 0;
delete from sessions where user_id <= 20;`

const salvage = () =>
  createSalvage({
    database: { url: postgres.url('shop'), adminUrl: null },
    clock: { now: Date.now, sleep: async () => {} },
    crash() {},
  })

async function contentOf(database: string): Promise<string[]> {
  const contents: string[] = []
  for (const name of TABLES) {
    const sql = `select '${name}', count(*), sum(hashtextextended(t::text, 0)) from ${name} t`
    contents.push(await postgres.psql(database, sql))
  }
  return contents
}

const CHILD = `
import { createSalvage } from './src/database/salvage/create-salvage.ts'
const [operation, argument] = JSON.parse(process.argv[2])
const salvage = createSalvage({
  database: { url: process.env.SHOP_URL, adminUrl: null },
  clock: { now: Date.now, sleep: async () => {} },
  crash(point) { if (point === process.env.CRASH_AT) process.kill(process.pid, 'SIGKILL') },
})
await salvage[operation](${JSON.stringify(SIDES)}, argument)`

/** Runs one operation in a process of its own, which kills itself at a crash point. */
async function runAndDie(operation: 'reinsert' | 'export', argument: unknown, point: string): Promise<void> {
  const program = await bundleChild(CHILD)
  const child = spawn(process.execPath, [program, JSON.stringify([operation, argument])], {
    env: { ...process.env, ...lab.env, SHOP_URL: postgres.url('shop'), CRASH_AT: point },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
}

test('what was written is listed by primary key: inserts, updates, deletes', async () => {
  expect(await salvage().keptDatabases()).toMatchObject([{ database: BAD, at: '2026-11-23T12:00:00.000Z' }])
  const compared = await salvage().compare(SIDES)
  expect(compared.tables).toMatchObject([
    { name: 'order_items', primaryKey: ['order_id', 'product_id'], inserted: 75_000, updated: 0, deleted: 0 },
    { name: 'orders', primaryKey: ['id'], inserted: 50_000, updated: 0, deleted: 0 },
    { name: 'products', inserted: 0, updated: 100, deleted: 0, later: 0 },
    { name: 'sessions', inserted: 0, updated: 0, deleted: 20 },
    { name: 'users', inserted: 300, updated: 0, deleted: 0 },
  ])
  expect(compared.equal).toBe(1)
  expect(compared.tables[2]?.samples.updated.slice(0, 3)).toEqual([['2'], ['4'], ['6']])
})

test('a killed export leaves no summary, and done again it is whole', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'lg-store-export-'))
  const folder = join(parent, 'export')
  try {
    await runAndDie('export', folder, 'salvage/table-exported')
    expect(await readdir(folder)).not.toContain('summary.json')
    const { files } = await salvage().export(SIDES, folder)
    expect(files.map(({ name, rows }) => `${name} ${rows}`)).toEqual([
      '02-public.users.inserted.csv 300',
      '02-public.users.sql 300',
      '03-public.orders.inserted.csv 50000',
      '03-public.orders.sql 50000',
      '04-public.products.sql 0',
      '04-public.products.updated.csv 100',
      '05-public.order_items.inserted.csv 75000',
      '05-public.order_items.sql 75000',
      '06-public.sessions.deleted.csv 20',
      '06-public.sessions.sql 0',
    ])
    expect(files.reduce((sum, { name, rows }) => sum + (name.endsWith('inserted.csv') ? rows : 0), 0)).toBe(
      125_300,
    )
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([])
  } finally {
    await rm(parent, { recursive: true })
  }
})

test.each(['salvage/staged', 'salvage/inserted'])('killed at %s nothing has changed', async (point) => {
  const before = await contentOf('shop')
  await runAndDie('reinsert', { ...REQUEST, tables: ['users'] }, point)
  expect(await contentOf('shop')).toEqual(before)
})

test('50,000 orders come back with the same content, counted before and after; killed after the commit it is done', async () => {
  const damaged = await contentOf(BAD)
  const planned = await salvage().rehearse(SIDES, REQUEST)
  expect(
    planned.tables.map(({ name, found, inserted, rows }) => ({ name, found, inserted, ...rows })),
  ).toEqual([
    { name: 'users', found: 300, inserted: 300, before: 500, after: 800 },
    { name: 'orders', found: 50_000, inserted: 50_000, before: 2000, after: 52_000 },
    { name: 'order_items', found: 75_000, inserted: 75_000, before: 2000, after: 77_000 },
  ])
  await runAndDie('reinsert', REQUEST, 'salvage/committed')
  expect(await contentOf('shop')).toEqual(damaged)

  const again = await salvage().reinsert(SIDES, REQUEST)
  expect(again.tables.map(({ found, inserted }) => [found, inserted])).toEqual([
    [0, 0],
    [0, 0],
    [0, 0],
  ])
  expect(again.sequences).toEqual([])
  expect(await contentOf('shop')).toEqual(damaged)
  const [next] = await postgres.query<{ id: number }>(
    'shop',
    `insert into users (email, name, password_hash) values ('after', 'a', 'h') returning id`,
  )
  expect(next?.id).toBe(801)
  // The rest is listed, and never guessed.
  const left = await salvage().compare(SIDES)
  expect(left.tables).toMatchObject([
    { name: 'products', updated: 100 },
    { name: 'sessions', deleted: 20 },
    { name: 'users', inserted: 0, deleted: 0, later: 1 },
  ])
})
