import { afterAll, expect, test } from 'vitest'
import { openSalvageLab } from '../../../test/support/salvage-lab.ts'

const lab = await openSalvageLab('partitioned')
afterAll(() => lab.close())
const { postgres, twoDatabases, salvageOf, rowsOf, checkpointOf } = lab

const SHOP = `
create table users (id int primary key);
create table coupons (code text primary key);
create table orders (id bigint generated always as identity, day date not null, user_id int not null references users,
  coupon text, total int, primary key (id, day)) partition by range (day);
create table orders_2025 partition of orders for values from ('2025-01-01') to ('2026-01-01');
create table orders_2026 partition of orders for values from ('2026-01-01') to ('2027-01-01') partition by range (day);
create table orders_2026_spring partition of orders_2026 for values from ('2026-01-01') to ('2026-06-01');
create table orders_2026_rest partition of orders_2026 default;
alter table orders_2026_spring add constraint spring_coupon foreign key (coupon) references coupons;
create table items (order_id bigint, day date, line int, foreign key (order_id, day) references orders, primary key (order_id, day, line));
create table receipts (id bigint, day date, total int, foreign key (id, day) references orders_2025);
insert into users values (1); insert into coupons values ('old');
insert into orders (day, user_id, coupon, total) values ('2025-05-05', 1, 'gone long ago', 5), ('2026-05-05', 1, 'old', 1);
insert into items values (1, '2025-05-05', 1), (2, '2026-05-05', 1);
insert into receipts values (1, '2025-05-05', 5);`

const DAMAGE = `
insert into users values (2); insert into coupons values ('new');
insert into orders (day, user_id, coupon, total) values
  ('2025-12-31', 2, 'of no table', 7), ('2026-01-01', 2, 'new', 2), ('2026-06-06', 1, 'of no table', 99);
insert into items values (4, '2026-01-01', 1), (5, '2026-06-06', 1); insert into receipts values (3, '2025-12-31', 7);
update orders set total = 3 where id = 2; delete from items where order_id = 1`

test('rows come back through the table itself, whichever partition holds them', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(damaged, DAMAGE)
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }
  const compared = await salvage.compare(sides)
  expect(
    compared.tables.map(({ name, inserted, updated, deleted }) => [name, inserted, updated, deleted]),
  ).toEqual([
    ['coupons', 1, 0, 0],
    ['items', 2, 0, 1],
    ['orders', 3, 1, 0],
    ['receipts', 1, 0, 0],
    ['users', 1, 0, 0],
  ])

  // A foreign key that only one partition has is asked of its rows alone; one that refers to a partition finds its table.
  const some = { tables: ['receipts', 'orders', 'users'], without: null }
  const refused = await salvage.reinsert(sides, some).catch((error) => error)
  expect(refused).toMatchObject({ code: 'SALVAGE_PARENTS_MISSING', params: { tables: 'orders' } })
  expect(refused.details).toEqual(['1 row of orders: coupon = new, which is not in coupons'])
  expect(refused.params.wanted).toMatch(/coupons/)
  expect(await rowsOf(restored, 'select count(*)::int from orders')).toEqual([{ count: 2 }])

  const all = { tables: ['receipts', 'items', 'orders', 'users', 'coupons'], without: null }
  const done = await salvage.reinsert(sides, all)
  expect(done.triggersOff).toBe(true)
  expect(done.leftOut).toEqual([])
  expect(done.tables.map(({ name, inserted, rows }) => [name, inserted, rows.after]).sort()).toEqual([
    ['coupons', 1, 2],
    ['items', 2, 4],
    ['orders', 3, 5],
    ['receipts', 1, 2],
    ['users', 1, 2],
  ])
  const where = 'select tableoid::regclass::text as part, id::int from orders order by id'
  expect(await rowsOf(restored, where)).toEqual([
    { part: 'orders_2025', id: 1 },
    { part: 'orders_2026_spring', id: 2 },
    { part: 'orders_2025', id: 3 },
    { part: 'orders_2026_spring', id: 4 },
    { part: 'orders_2026_rest', id: 5 },
  ])
  const next = `insert into orders (day, user_id, total) values ('2026-02-02', 1, 1) returning id::int`
  expect(await rowsOf(restored, next)).toEqual([{ id: 6 }])
})

test('with triggers on as well, for a role that may not turn them off', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  const seller = { name: 'seller', password: 'secret' }
  await postgres.query('postgres', `create role seller login password 'secret'`)
  for (const database of [restored, damaged])
    await postgres.query(
      database,
      `grant all on all tables in schema public to seller; grant all on all sequences in schema public to seller`,
    )
  await postgres.query(damaged, DAMAGE)
  const all = { tables: ['receipts', 'items', 'orders', 'users', 'coupons'], without: 'orders.total = 99' }
  const done = await salvageOf(restored, seller).reinsert({ damaged, restored: null }, all)
  expect(done.triggersOff).toBe(false)
  expect(done.leftOut).toMatchObject([
    { name: 'orders', why: 'predicate', keys: [['5', '2026-06-06']] },
    { name: 'items', why: 'parent', keys: [['5', '2026-06-06', '1']] },
  ])
  expect(done.tables.map(({ inserted }) => inserted).reduce((a, b) => a + b)).toBe(6)
})

test('what was written since is counted by table, as salvage names them', async () => {
  const { damaged } = await twoDatabases(SHOP)
  const checkpoint = await checkpointOf(damaged)
  await postgres.query(damaged, DAMAGE)
  await postgres.query(
    damaged,
    `create table orders_2027 partition of orders for values from ('2027-01-01') to ('2028-01-01');
     insert into orders (day, user_id) values ('2027-07-07', 1)`,
  )
  const { tables } = await salvageOf(damaged).countSince(checkpoint)
  expect(tables.map(({ name }) => name)).toEqual(['coupons', 'items', 'orders', 'receipts', 'users'])
  expect(tables.find(({ name }) => name === 'orders')).toMatchObject({
    before: 2,
    now: 6,
    inserted: { from: 4, to: 5 },
    deleted: { from: 0, to: 1 },
  })
})

test('a partition that is not there any more refuses its rows, and says which', async () => {
  const { restored, damaged } = await twoDatabases(
    `create table visits (day date primary key) partition by range (day);
     create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01')`,
  )
  await postgres.query(
    damaged,
    `create table visits_2027 partition of visits for values from ('2027-01-01') to ('2028-01-01');
     insert into visits values ('2026-01-01'), ('2027-01-01')`,
  )
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }
  await expect(salvage.reinsert(sides, { tables: ['visits'], without: null })).rejects.toMatchObject({
    code: 'SALVAGE_REFUSED',
    message: expect.stringMatching(/no partition of relation "visits" found for row.*2027-01-01/),
  })
  const without = `visits.day >= '2027-01-01'`
  expect(await salvage.reinsert(sides, { tables: ['visits'], without })).toMatchObject({
    tables: [{ inserted: 1 }],
  })
})
