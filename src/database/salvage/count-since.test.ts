import { afterAll, expect, test } from 'vitest'
import { id, openSalvageLab, SHOP } from '../../../test/support/salvage-lab.ts'
import { writeMark } from '../../domain/database-mark.ts'

const lab = await openSalvageLab('count since')
afterAll(() => lab.close())
const { postgres, twoDatabases, salvageOf, checkpointOf } = lab

const exactly = (rows: number) => ({ from: rows, to: rows })

test('what was written since a checkpoint is counted, exactly where that can be known', async () => {
  const { restored, damaged } =
    await twoDatabases(`${SHOP} create table old (id int primary key); insert into old values (1), (2);
    create table rewritten (id int primary key, n int); insert into rewritten values (1, 1), (2, 2)`)
  const checkpoint = await checkpointOf(damaged)
  expect((await salvageOf(damaged).countSince(checkpoint)).tables).toEqual([])
  await postgres.query(
    damaged,
    `insert into orders (user_id, total) values (1, 30), (1, 31); update orders set total = 0 where id = 1;
     delete from items where order_id = 2; drop table old; create table fresh (id int); insert into fresh values (1);
     alter table rewritten alter n type text`,
  )
  const since = await salvageOf(damaged).countSince(checkpoint)
  expect(since).toMatchObject({ way: 'transactions', why: null, untouched: 2 })
  const table = (name: string) => since.tables.find((one) => one.name === name)
  expect(table('items')).toMatchObject({ before: 2, now: 1, inserted: exactly(0), deleted: exactly(1) })
  expect(table('orders')).toMatchObject({
    before: 2,
    now: 4,
    inserted: { from: 2, to: 3 },
    updated: { from: 0, to: 1 },
  })
  expect(table('old')).toMatchObject({ now: null, deleted: exactly(2) })
  expect(table('fresh')).toMatchObject({
    before: 0,
    inserted: exactly(1),
    notes: ['made since the checkpoint'],
  })
  expect(table('rewritten')?.notes[0]).toMatch(/written anew by DDL/)

  const exact = await salvageOf(damaged).countSince(checkpoint, { restored })
  expect(exact.way).toBe('rows')
  expect(exact.tables.find(({ name }) => name === 'orders')).toMatchObject({
    inserted: exactly(2),
    updated: exactly(1),
    deleted: exactly(0),
  })
  // By its rows, a table that was only written anew is what it was.
  expect(exact.tables.some(({ name }) => name === 'rewritten')).toBe(false)
})

test('a checkpoint of another server is counted without transactions, and says so', async () => {
  const { damaged } = await twoDatabases(SHOP)
  const checkpoint = { ...(await checkpointOf(damaged)), snapshotXmin: String(2n ** 40n) }
  await postgres.query(damaged, 'insert into orders (user_id, total) values (1, 30)')
  const since = await salvageOf(damaged).countSince(checkpoint)
  expect(since).toMatchObject({ way: 'counts', why: expect.stringMatching(/another server/) })
  expect(since.tables.find(({ name }) => name === 'orders')).toMatchObject({ inserted: { from: 1, to: 3 } })
})

test('what the service writes after the restore is no part of the damage', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(
    damaged,
    `insert into orders (id, user_id, total) values (50, 1, 30); delete from items where order_id = 2; update users set email = 'BOB' where id = 2`,
  )
  const [row] = await postgres.query<{ oid: string }>(
    'postgres',
    'select oid from pg_database where datname = $1',
    [restored],
  )
  const mark = writeMark({
    role: 'damaged',
    of: 'shop',
    restore: 'x',
    checkpoint: 'c1',
    at: '2026-11-23T00:00:00Z',
    expires: '2026-12-01T00:00:00Z',
    state: 'kept',
    replacedBy: Number(row?.oid),
    comment: null,
    frozen: null,
  })
  const [shop, bad] = ['live', 'live_bad']
  await postgres.query(
    'postgres',
    `begin; alter database ${id(damaged)} rename to ${id(bad)}; alter database ${id(restored)} rename to ${id(shop)};
     comment on database ${id(bad)} is '${mark.replaceAll("'", "''")}'; commit`,
  )
  await postgres.query(
    shop,
    `insert into orders (id, user_id, total) values (60, 1, 60); update users set email = 'bob2' where id = 2`,
  )
  const compared = await salvageOf(shop).compare({ damaged: bad, restored: null })
  expect(compared.tables).toMatchObject([
    { name: 'fired' },
    { name: 'items', inserted: 0, deleted: 1, later: 0 },
    { name: 'orders', inserted: 1, updated: 0, deleted: 0, later: 1 },
    { name: 'users', updated: 1, notes: ['1 of the updated rows were written again since the restore'] },
  ])
})

test('what a way down would take is counted again, as it is by now', async () => {
  await postgres.createDatabase('losses')
  await postgres.query(
    'losses',
    `create schema "Odd"; create table "Odd"."my ""orders" (id int, "The Note" text)`,
  )
  await postgres.query('losses', `insert into "Odd"."my ""orders" values (1, 'x'), (2, null), (3, 'y')`)
  const whole = (column: string | null, table = 'Odd.my "orders') => ({
    what: '',
    rows: 99,
    whole: { table, column },
  })
  const counted = await salvageOf('losses').countLosses([
    whole('The Note'),
    whole(null),
    whole('gone'),
    whole(null, 'public.gone'),
    { what: 'a part', rows: 7 },
  ])
  expect(counted.map(({ rows }) => rows)).toEqual([2, 3, 0, 0, 7])
})
