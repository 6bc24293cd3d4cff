import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import type { Checkpoint } from '../../domain/checkpoint.ts'
import { writeMark } from '../../domain/database-mark.ts'
import { parseConnection } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { inTransaction, withSession } from '../postgres/session.ts'
import { createSalvage } from './create-salvage.ts'

let lab: Lab
let postgres: Postgres
let count = 0

beforeAll(async () => {
  lab = await openLab({ name: 'salvage' })
  postgres = await lab.postgres()
})
afterAll(() => lab.close())

/** Two databases with the same rows: what was restored, and what is to be damaged. */
async function twoDatabases(sql: string): Promise<{ restored: string; damaged: string }> {
  const restored = `shop "${++count}"`
  const damaged = `${restored}_bad_20261123`
  await postgres.createDatabase(restored)
  await postgres.query(restored, sql)
  await postgres.query('postgres', `create database ${id(damaged)} template ${id(restored)}`)
  return { restored, damaged }
}

const id = (name: string) => `"${name.replaceAll('"', '""')}"`
const salvageOf = (database: string, user?: { name: string; password: string }) => {
  const url = new URL(postgres.url(database))
  if (user !== undefined) Object.assign(url, { username: user.name, password: user.password })
  return createSalvage({
    database: { url: url.href, adminUrl: null },
    clock: { now: Date.now, sleep: async () => {} },
    crash() {},
  })
}
const rowsOf = (database: string, query: string) => postgres.query<Record<string, unknown>>(database, query)

const ODD = `
create type mood as enum ('sad', 'ok');
create type pair as (a int, b text);
create domain cents as int check (value >= 0);
create schema "Odd Schema";
create table "Odd Schema"."we ""ird, table" (
  "Key" text, "select" int, n numeric, f float8, t timestamptz, ts timestamp, b bytea, j jsonb, a text[], aa int[][],
  e text, c char(5), bool boolean, i interval, m mood, p pair, d cents, u uuid, ip inet, bits bit(3), r int4range,
  g int generated always as ("select" * 2) stored,
  primary key ("Key", "select"));
insert into "Odd Schema"."we ""ird, table" ("Key", "select", e) values ('old', 1, 'x');`

const ODD_ROWS = `
insert into "Odd Schema"."we ""ird, table" values
 ('a,"b"', -1, 'NaN', 'NaN', '2026-11-23 12:00:00.123456+05', 'infinity', '\\x00ff0a', '{"a": [1, null]}', array['x', null, '', 'a"b,c', E'line\\nbreak'],
  '{{1,2},{3,4}}', '', 'ab', true, '1 mon -3 days 04:05:06.7', 'ok', row(1, 'x y'), 5, 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '10.0.0.1/8', b'101', '[1,5)'),
 (E'tab\\tnew\\nline\\\\ ''quote''', 1073741823, 1.10, 0.1, 'infinity', '0044-03-15 BC', '', 'null', '{}', null, null, '', false, '0', null, null, null, null, null, null, 'empty'),
 ('😀 é', 0, 12345678901234567890.123456789, 1e-300, null, null, null, null, null, null, ' ', null, null, null, null, null, null, null, null, null, null),
 ('\\.', 5, null, '-Infinity', null, null, null, null, null, null, '\\N', null, null, null, null, null, null, null, null, null, null);`

test('inserts of every kind of value come back unchanged, whatever the roles and databases are set to', async () => {
  const { restored, damaged } = await twoDatabases(ODD)
  await postgres.query(damaged, ODD_ROWS)
  await postgres.query('postgres', `alter database ${id(damaged)} set datestyle = 'German, DMY'`)
  await postgres.query('postgres', `alter database ${id(damaged)} set timezone = 'Asia/Tokyo'`)
  await postgres.query('postgres', `alter database ${id(restored)} set bytea_output = 'escape'`)
  await postgres.query('postgres', `alter database ${id(restored)} set intervalstyle = 'sql_standard'`)
  await postgres.query('postgres', `alter database ${id(restored)} set default_transaction_read_only = on`)
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }

  const compared = await salvage.compare(sides)
  expect(compared.tables).toMatchObject([
    {
      schema: 'Odd Schema',
      name: 'we "ird, table',
      primaryKey: ['Key', 'select'],
      inserted: 4,
      updated: 0,
      deleted: 0,
    },
  ])
  const done = await salvage.reinsert(sides, { tables: ['Odd Schema.we "ird, table'], without: null })
  expect(done.tables).toMatchObject([{ found: 4, inserted: 4, equal: true, rows: { before: 1, after: 5 } }])
  expect(done.triggersOff).toBe(true)
  const all = `set datestyle = 'ISO'; set timezone = 'UTC'; set bytea_output = 'hex'; set intervalstyle = 'postgres';
    select t::text from "Odd Schema"."we ""ird, table" t order by "Key" collate "C"`
  expect(await postgres.psql(restored, all)).toEqual(await postgres.psql(damaged, all))
  expect((await salvage.compare(sides)).tables).toEqual([])

  const again = await salvage.reinsert(sides, { tables: ['Odd Schema.we "ird, table'], without: null })
  expect(again.tables).toMatchObject([{ found: 0, inserted: 0, rows: { before: 5, after: 5 } }])
})

test('the export is what COPY writes, loads again, and belongs to nobody else', async () => {
  const { restored, damaged } = await twoDatabases(ODD)
  await postgres.query(damaged, ODD_ROWS)
  await postgres.query(
    damaged,
    `update "Odd Schema"."we ""ird, table" set e = E'two\\nlines' where "Key" = 'old'`,
  )
  const folder = await mkdtemp(join(tmpdir(), 'lg-export-'))
  try {
    const salvage = salvageOf(restored)
    const { files } = await salvage.export({ damaged, restored: null }, folder)
    const base = '01-Odd%20Schema.we%20%22ird%2c%20table'
    expect(files.map(({ name, rows }) => [name, rows])).toEqual([
      [`${base}.inserted.csv`, 4],
      [`${base}.sql`, 4],
      [`${base}.updated.csv`, 1],
    ])
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
    for (const name of await readdir(folder))
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)

    // Byte for byte what the server itself writes for the same rows and columns.
    const columns = ['Key', 'select', ...'n f t ts b j a aa e c bool i m p d u ip bits r'.split(' ')].map(id)
    const copied = await postgres.psql(
      damaged,
      `set timezone = 'UTC'; copy (select ${columns.join(', ')} from "Odd Schema"."we ""ird, table" where "Key" <> 'old'
       order by "Key" collate "C", "select") to stdout (format csv, header)`,
    )
    const written = await readFile(join(folder, `${base}.inserted.csv`), 'utf8')
    expect(written).toBe(`${copied.replace(/^SET\n/, '').trimEnd()}\n`)
    const summary = JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))
    expect(summary.files).toEqual(JSON.parse(JSON.stringify(files)))

    const script = await readFile(join(folder, `${base}.sql`), 'utf8')
    expect(script).toMatch(/^-- UPDATE .*two\\\\?\\nlines|^-- UPDATE .*two\\nlines/m)
    await postgres.psql(restored, script)
    await postgres.psql(restored, script)
    const left = await salvage.compare({ damaged, restored: null })
    expect(left.tables).toMatchObject([{ inserted: 0, updated: 1, deleted: 0 }])

    await salvage.export({ damaged, restored: null }, folder)
    expect((await readdir(folder)).sort()).toEqual(
      [`${base}.sql`, `${base}.updated.csv`, 'summary.json'].sort(),
    )
    await writeFile(join(folder, 'mine.txt'), 'precious')
    await expect(salvage.export({ damaged, restored: null }, folder)).rejects.toMatchObject({
      code: 'SALVAGE_FOLDER_TAKEN',
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('a table without a primary key is compared by its rows, as often as each is there', async () => {
  const { restored, damaged } = await twoDatabases(
    `create table log (line text, n int); insert into log values ('a', 1), ('a', 1), ('gone', 2)`,
  )
  await postgres.query(
    damaged,
    `insert into log values ('a', 1), ('b', null), ('b', null); delete from log where n = 2`,
  )
  const salvage = salvageOf(restored)
  const sides = { damaged, restored: null }
  const compared = await salvage.compare(sides)
  expect(compared.tables).toMatchObject([{ primaryKey: null, inserted: 3, updated: 0, deleted: 1 }])
  expect(compared.tables[0]?.notes[0]).toMatch(/no primary key/)
  for (const inserted of [3, 0]) {
    const done = await salvage.reinsert(sides, { tables: ['log'], without: null })
    expect(done.tables).toMatchObject([{ inserted, rows: { after: 6 } }])
  }
  expect(await rowsOf(restored, 'select line, count(*)::int from log group by 1 order by 1')).toEqual([
    { line: 'a', count: 3 },
    { line: 'b', count: 2 },
    { line: 'gone', count: 1 },
  ])
})

const SHOP = `
create table users (id int generated always as identity primary key, email text not null unique);
create table orders (id serial primary key, user_id int not null references users, total int not null);
create table items (order_id int references orders, line int, qty int check (qty > 0), primary key (order_id, line));
create table nothing (id int primary key);
insert into users (email) values ('ann'), ('bob');
insert into orders (user_id, total) values (1, 10), (2, 20);
insert into items values (1, 1, 1), (2, 1, 1);
create table fired (what text);
create function note() returns trigger language plpgsql as
  $$ begin insert into public.fired values (tg_table_name || new.id); return new; end $$;
create trigger note after insert on orders for each row execute function note();`

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
  const { restored, damaged } = await twoDatabases(SHOP)
  await postgres.query(damaged, `insert into orders (user_id, total) values (1, 30)`)
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

  const clerk = { name: `clerk${count}`, password: 'secret' }
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
  const [shop, bad] = [`live ${count}`, `live ${count}_bad`]
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

async function checkpointOf(database: string): Promise<Checkpoint> {
  const taken = await withSession(parseConnection(postgres.url(database)), 'test', (session) =>
    inTransaction(
      session,
      async () => {
        const [row] = await session.query<{ xmin: string }>(
          'select pg_snapshot_xmin(pg_current_snapshot())::text as xmin',
        )
        return { snapshotXmin: row?.xmin ?? '', content: await describeContent(session) }
      },
      'isolation level repeatable read read only',
    ),
  )
  return {
    id: 'c1',
    service: 'shop',
    database,
    createdAt: '2026-11-23T00:00:00Z',
    release: null,
    migrations: null,
    serverVersion: 150000,
    bytes: 0,
    files: [],
    template: null,
    ms: 0,
    reason: 'test',
    ...taken,
    properties: {
      owner: 'lab',
      encoding: 'UTF8',
      collate: 'C',
      ctype: 'C',
      localeProvider: 'libc',
      locale: null,
      tablespace: 'pg_default',
      connectionLimit: -1,
      settings: [],
      acl: null,
      comment: null,
      roles: [],
    },
  }
}

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

test('a database that is not there, and one that nobody kept', async () => {
  const { restored } = await twoDatabases(SHOP)
  const salvage = salvageOf(restored)
  await expect(salvage.compare({ damaged: 'nowhere', restored: null })).rejects.toMatchObject({
    code: 'DB_NOT_THERE',
  })
  expect(await salvage.keptDatabases()).toEqual([])
})
