import { afterAll, expect, test } from 'vitest'
import { openSalvageLab, SHOP } from '../../../test/support/salvage-lab.ts'

const lab = await openSalvageLab('reinsert')
afterAll(() => lab.close())
const { postgres, twoDatabases, salvageOf, rowsOf } = lab

test('parents that are missing are named before anything is written, and come along when they are named', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(
    damaged,
    `insert into users (email) values ('cy'); insert into orders (user_id, total) values (3, 30), (3, 31), (1, 11);
     insert into items values (3, 1, 1), (5, 1, 1)`,
  )
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }
  const refused = await salvage
    .reinsert(sides, { tables: ['items', 'orders'], without: null })
    .catch((e) => e)
  expect(refused).toMatchObject({ code: 'SALVAGE_PARENTS_MISSING', params: { wanted: 'orders,items,users' } })
  expect(refused.details).toEqual(['2 rows of orders: user_id = 3, which is not in users'])
  expect(await rowsOf(restored, 'select count(*)::int from orders')).toEqual([{ count: 2 }])

  const planned = await salvage.rehearse(sides, { tables: ['items', 'orders', 'users'], without: null })
  expect(await rowsOf(restored, 'select count(*)::int from orders')).toEqual([{ count: 2 }])
  const done = await salvage.reinsert(sides, { tables: ['items', 'orders', 'users'], without: null })
  expect({ ...done, ms: 0 }).toEqual({ ...planned, ms: 0 })
  expect(done.tables.map(({ name, inserted }) => [name, inserted])).toEqual([
    ['users', 1],
    ['orders', 3],
    ['items', 2],
  ])
  expect(done.sequences.map(({ name, to }) => [name, to])).toEqual([
    ['orders_id_seq', '5'],
    ['users_id_seq', '3'],
  ])
  expect(await rowsOf(restored, 'select * from fired where false or what in ($$orders5$$)')).toEqual([])
  expect(await rowsOf(restored, 'insert into orders (user_id, total) values (1, 1) returning id')).toEqual([
    { id: 6 },
  ])
  expect((await salvage.reinsert(sides, { tables: ['orders'], without: null })).sequences).toEqual([])
})

test('a conflict is listed and nothing is overwritten; what refers to it stays out with it', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(
    damaged,
    `insert into users (email) values ('cy'), ('di'); insert into orders (user_id, total) values (3, 30), (4, 40)`,
  )
  await postgres.query(restored, `insert into users (id, email) overriding system value values (77, 'cy')`)
  const salvage = salvageOf(restored)
  const done = await salvage.reinsert(
    { damaged, restored: null },
    { tables: ['users', 'orders'], without: null },
  )
  expect(done.leftOut).toEqual([
    { schema: 'public', name: 'users', why: 'conflict', rows: 1, keys: [['3']] },
    { schema: 'public', name: 'orders', why: 'parent', rows: 1, keys: [['3']] },
  ])
  expect(done.tables.map(({ inserted }) => inserted)).toEqual([1, 1])
  expect(await rowsOf(restored, `select id from users where email = 'cy'`)).toEqual([{ id: 77 }])
  expect(await rowsOf(restored, 'select id from orders order by id')).toEqual([
    { id: 1 },
    { id: 2 },
    { id: 4 },
  ])
})

test('in a table that refers to itself, what hangs on a conflict does not come back either', async () => {
  const { restored, damaged } = await twoDatabases(
    'create table categories (id int primary key, slug text unique, parent int references categories)',
  )
  await postgres.query(
    damaged,
    `insert into categories values (1, 'a', null), (2, 'b', 1), (3, 'c', 2), (4, 'd', null)`,
  )
  await postgres.query(restored, `insert into categories values (9, 'a', null)`)
  const request = { tables: ['categories'], without: null }
  const done = await salvageOf(restored).reinsert({ damaged, restored: null }, request)
  expect(done.leftOut).toMatchObject([
    { why: 'conflict', keys: [['1']] },
    { why: 'parent', rows: 2 },
  ])
  expect(await rowsOf(restored, 'select id from categories order by id')).toEqual([{ id: 4 }, { id: 9 }])
})

test('rows with the corruption the operator names are left out, with what refers to them', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres
    .query(
      damaged,
      `insert into orders (user_id, total) values (1, 30), (1, -5), (2, null::int + 0) on conflict do nothing`,
    )
    .catch(() => {})
  await postgres.query(
    damaged,
    `insert into orders (id, user_id, total) values (10, 1, 30), (11, 1, -5); insert into items values (10, 1, 1), (11, 1, 1)`,
  )
  const salvage = salvageOf(restored)
  const request = { tables: ['orders', 'items'], without: 'orders.total < 0 -- wrong' }
  const done = await salvage.reinsert({ damaged, restored: null }, request)
  expect(done.leftOut).toMatchObject([
    { name: 'orders', why: 'predicate', rows: 1, keys: [['11']] },
    { name: 'items', why: 'parent', rows: 1, keys: [['11', '1']] },
  ])
  expect(done.notes).toContain('items: the condition says nothing about it')
  expect(await rowsOf(restored, 'select id from orders where id > 2')).toEqual([{ id: 10 }])
})

/** One for all of them: not one may change anything. */
let predicateShop: ReturnType<typeof openPredicateShop> | null = null
async function openPredicateShop() {
  const both = await twoDatabases(SHOP)
  await postgres.query(both.damaged, `insert into orders (user_id, total) values (1, 30)`)
  return both
}

test.each([
  ['total <', /syntax error/],
  ['no_such_column = 1', /no_such_column/],
  ['total', /boolean/],
  ['total < 0; drop table orders', /;/],
  ['1 / (total - total) = 1', /division by zero/],
  [`nextval('orders_id_seq') > 0`, /read-only/],
  [
    `set_config('transaction_read_only', 'off', false) is null or nextval('orders_id_seq') > 0`,
    /read-write|read-only/,
  ],
])('the condition %s is refused, and does no harm', async (without, why) => {
  predicateShop ??= openPredicateShop()
  const { restored, damaged } = await predicateShop
  const refused = salvageOf(restored).reinsert({ damaged, restored: null }, { tables: ['orders'], without })
  await expect(refused).rejects.toMatchObject({
    code: 'SALVAGE_PREDICATE_INVALID',
    message: expect.stringMatching(why),
  })
  expect(await rowsOf(restored, 'select count(*)::int from orders')).toEqual([{ count: 2 }])
  expect(await rowsOf(damaged, 'select last_value::int from orders_id_seq')).toEqual([{ last_value: 3 }])
})

test('tables that refer to each other or to themselves come back; a role that may not turn triggers off is told', async () => {
  const ring = `
    create table teams (id int primary key, lead int);
    create table people (id int primary key, team int references teams, boss int references people);
    alter table teams add constraint lead foreign key (lead) references people;
    create table log (what text);`
  const added = `insert into teams values (1, null); insert into people values (2, 1, null), (1, 1, 2); update teams set lead = 1`
  const { restored, damaged } = await twoDatabases(ring)
  await postgres.query(damaged, added)
  const done = await salvageOf(restored).reinsert(
    { damaged, restored: null },
    { tables: ['teams', 'people'], without: null },
  )
  expect(done.tables.map(({ inserted }) => inserted).sort()).toEqual([1, 2])

  const clerk = { name: 'clerk', password: 'secret' }
  await postgres.query('postgres', `create role ${clerk.name} login password '${clerk.password}'`)
  const second = await twoDatabases(ring)
  for (const database of [second.restored, second.damaged])
    await postgres.query(database, `grant all on all tables in schema public to ${clerk.name}`)
  await postgres.query(second.damaged, added)
  const sides = { damaged: second.damaged, restored: null }
  const request = { tables: ['teams', 'people'], without: null }
  await expect(salvageOf(second.restored, clerk).reinsert(sides, request)).rejects.toMatchObject({
    code: 'SALVAGE_CYCLE',
    params: { user: clerk.name },
  })
  await postgres.query(second.restored, 'alter table teams alter constraint lead deferrable')
  const allowed = await salvageOf(second.restored, clerk).reinsert(sides, request)
  expect(allowed.triggersOff).toBe(false)
  expect(allowed.tables.map(({ inserted }) => inserted).sort()).toEqual([1, 2])
})

test('a trigger that changes a row on its way is found out, and everything is taken back', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(damaged, 'insert into orders (user_id, total) values (1, 30)')
  await postgres.query(
    restored,
    `create function raise_total() returns trigger language plpgsql as $$ begin new.total := new.total + 1; return new; end $$;
     create trigger raise_total before insert on orders for each row execute function raise_total();
     alter table orders enable always trigger raise_total`,
  )
  await expect(
    salvageOf(restored).reinsert({ damaged, restored: null }, { tables: ['orders'], without: null }),
  ).rejects.toMatchObject({
    code: 'SALVAGE_REFUSED',
    message: expect.stringMatching(/1 of them are not what/),
  })
  expect(await rowsOf(restored, 'select count(*)::int from orders')).toEqual([{ count: 2 }])
})

test('columns and tables of one side only are named, and a column that must not be empty refuses', async () => {
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(
    damaged,
    `alter table orders add coupon text default 'x'; create table coupons (id int); insert into coupons values (1);
     alter table items drop column qty; insert into orders (user_id, total) values (1, 30); insert into items values (3, 1)`,
  )
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }
  const compared = await salvage.compare(sides)
  expect(compared.onlyDamaged).toEqual([{ schema: 'public', name: 'coupons', rows: 1 }])
  expect(compared.tables).toMatchObject([
    { name: 'fired' },
    { name: 'items', inserted: 1, updated: 0, columns: { onlyDamaged: [], onlyRestored: ['qty'] } },
    { name: 'orders', inserted: 1, updated: 0, columns: { onlyDamaged: ['coupon'] } },
  ])
  await postgres.query(restored, 'alter table items alter qty set not null')
  const request = { tables: ['orders', 'items'], without: null }
  await expect(salvage.reinsert(sides, request)).rejects.toMatchObject({
    code: 'SALVAGE_COLUMN_MISSING',
    params: { table: 'items', column: 'qty' },
  })
  await postgres.query(restored, 'alter table items alter qty set default 1')
  const done = await salvage.reinsert(sides, request)
  expect(done.tables.map(({ inserted }) => inserted)).toEqual([1, 1])
  expect(done.notes).toContain('orders: coupon was left behind, there is no such column here')
  await expect(salvage.reinsert(sides, { tables: ['coupons'], without: null })).rejects.toMatchObject({
    code: 'SALVAGE_UNKNOWN_TABLE',
  })
})
