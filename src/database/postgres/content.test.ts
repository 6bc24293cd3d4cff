import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import type { DatabaseContent } from '../../domain/checkpoint.ts'
import { parseConnection } from './connection.ts'
import { describeContent } from './content.ts'
import { readDatabaseProperties } from './database-properties.ts'
import { inTransaction, withSession } from './session.ts'

let lab: Lab
let postgres: Postgres
beforeAll(async () => {
  lab = await openLab({ name: 'database content' })
  postgres = await lab.postgres()
})
afterAll(() => lab.close())

async function contentOf(url: string, hash: 'text' | 'record' | 'none' = 'text'): Promise<DatabaseContent> {
  return withSession(parseConnection(url), 'test', (session) =>
    inTransaction(session, () => describeContent(session, { hash }), 'isolation level repeatable read'),
  )
}

const run = (url: string, sql: string) =>
  withSession(parseConnection(url), 'test', (session) => session.query(sql))
const tableOf = (content: DatabaseContent, name: string) =>
  content.tables.find((table) => table.name === name)
const definitionOf = ({ catalog }: DatabaseContent, kind: string, name: string) =>
  catalog.find((object) => object.kind === kind && object.name === name)?.definition

/** One of everything that has tripped somebody. */
const EVERYTHING = `
  CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
  CREATE DOMAIN cents AS integer CHECK (VALUE >= 0);
  CREATE SCHEMA "odd ""schema""";
  CREATE TABLE "odd ""schema"""."Odd table; --" ("From" text, "semi;colon" int, "quo""te" mood);
  INSERT INTO "odd ""schema"""."Odd table; --" VALUES ('a', 1, 'sad'), ('a', 1, 'sad'), (NULL, NULL, NULL), ('', 2, NULL);
  CREATE TABLE empty (id int PRIMARY KEY);
  CREATE TABLE nothing_at_all ();
  INSERT INTO nothing_at_all DEFAULT VALUES;
  CREATE TABLE items (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, price cents NOT NULL DEFAULT 5,
    twice int GENERATED ALWAYS AS (price * 2) STORED, at timestamptz DEFAULT '2026-01-01Z', weight float8, extra json,
    state varchar(9) CHECK (state IN ('new', 'old')), pay money, bin bytea);
  INSERT INTO items (price, weight, extra, state, pay, bin) SELECT i, i / 3.0, '{"a": 1}', 'new', i, '\\x00ff' FROM generate_series(1, 500) i;
  CREATE INDEX items_state ON items (state) WHERE price > 3;
  CREATE TABLE parts (id int, day date, PRIMARY KEY (day, id)) PARTITION BY RANGE (day);
  CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  INSERT INTO parts SELECT i, '2026-02-01' FROM generate_series(1, 7) i;
  CREATE VIEW cheap AS SELECT id, price FROM items WHERE price < 10;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER touched BEFORE UPDATE ON items FOR EACH ROW EXECUTE FUNCTION touch();
  ALTER TABLE empty ENABLE ROW LEVEL SECURITY;
  CREATE POLICY mine ON empty FOR SELECT USING (id > 0);
  CREATE SEQUENCE loose START 40;
  SELECT nextval('loose');
  SELECT lo_create(0)`

test('tells rows, hashes, keys and the whole catalogue, whatever the names are', async () => {
  const url = await postgres.createDatabase('every "thing"')
  await run(url, EVERYTHING)
  const content = await contentOf(url)

  expect(content.tables.map(({ schema, name, rows }) => [schema, name, rows])).toEqual([
    ['odd "schema"', 'Odd table; --', 4],
    ['public', 'empty', 0],
    ['public', 'items', 500],
    ['public', 'nothing_at_all', 1],
    ['public', 'parts_1', 7],
  ])
  expect(tableOf(content, 'empty')).toMatchObject({ hash: '0', primaryKey: ['id'] })
  expect(tableOf(content, 'parts_1')?.primaryKey).toEqual(['day', 'id'])
  expect(tableOf(content, 'Odd table; --')?.primaryKey).toBeNull()
  expect(content.sequences).toEqual([
    { schema: 'public', name: 'items_id_seq', lastValue: '500', isCalled: true },
    { schema: 'public', name: 'loose', lastValue: '40', isCalled: true },
  ])
  expect(content.extensions).toMatchObject([{ name: 'plpgsql', schema: 'pg_catalog' }])
  expect(content.largeObjects).toBe(1)
  const definition = (kind: string, name: string) => definitionOf(content, kind, name)
  expect(definition('column', 'public.items.twice')).toBe(
    'integer generated always as (((price)::integer * 2)) s',
  )
  expect(definition('column', 'public.items.id')).toBe('bigint not null generated always as identity')
  expect(definition('column', 'public.items.price')).toBe('public.cents not null default 5')
  expect(definition('column-order', 'public.parts')).toBe('id, day')
  expect(definition('type', 'public.mood')).toBe("enum 'sad', 'it''s ok'")
  expect(definition('index', 'public.items_state')).toContain('WHERE ((price)::integer > 3)')
  expect(definition('table', 'public.parts')).toBe('partitioned by RANGE (day)')
  expect(definition('trigger', 'public.items.touched')).toContain('EXECUTE FUNCTION public.touch()')
  expect(definition('policy', 'public.empty.mine')).toBe('permissive r public using (id > 0)')
  expect(definition('view', 'public.cheap')).toContain('public.items')
  expect(definition('function', 'public.touch()')).toContain('plpgsql')
  expect(definition('constraint', 'public.cents.cents_check')).toBe('CHECK ((VALUE >= 0))')
  expect(definition('owner', 'public.items')).toBe('lab')
})

test('the same rows hash alike, whatever the session and the database are set to', async () => {
  const url = await postgres.createDatabase('settings')
  await run(url, EVERYTHING)
  const before = await contentOf(url)
  await run(
    url,
    `ALTER DATABASE settings SET DateStyle = 'German'; ALTER DATABASE settings SET TimeZone = 'Asia/Tokyo';
     ALTER DATABASE settings SET extra_float_digits = -10; ALTER DATABASE settings SET bytea_output = 'escape'`,
  )
  expect(await contentOf(url)).toEqual(before)
})

test.each(['text', 'record'] as const)(
  'one changed value, and one row twice, change the %s hash',
  async (hash) => {
    const url = await postgres.createDatabase(`changes ${hash}`)
    await run(url, EVERYTHING)
    const first = await contentOf(url, hash)
    await run(url, 'UPDATE items SET weight = weight + 1e-12 WHERE id = 77')
    const second = await contentOf(url, hash)
    expect(tableOf(second, 'items')?.hash).not.toBe(tableOf(first, 'items')?.hash)
    expect(tableOf(second, 'parts_1')).toEqual(tableOf(first, 'parts_1'))
    await run(url, 'UPDATE items SET price = price')
    expect(tableOf(await contentOf(url, hash), 'items')?.hash).toBe(tableOf(second, 'items')?.hash)
    await run(url, `INSERT INTO "odd ""schema"""."Odd table; --" VALUES ('a', 1, 'sad')`)
    expect(tableOf(await contentOf(url, hash), 'Odd table; --')?.hash).not.toBe(
      tableOf(second, 'Odd table; --')?.hash,
    )
  },
)

test('a column dropped and added again, which stands last, changes the order and nothing else', async () => {
  const url = await postgres.createDatabase('order')
  await run(
    url,
    'CREATE TABLE t (a int, b text, c int); INSERT INTO t SELECT i, NULL, i FROM generate_series(1, 9) i',
  )
  const before = await contentOf(url)
  await run(url, 'ALTER TABLE t DROP COLUMN b; ALTER TABLE t ADD COLUMN b text')
  const after = await contentOf(url)
  expect(after.tables.map(({ hash }) => hash)).toEqual(before.tables.map(({ hash }) => hash))
  const differing = after.catalog.filter(
    (object) => !before.catalog.some((each) => JSON.stringify(each) === JSON.stringify(object)),
  )
  expect(differing).toEqual([{ kind: 'column-order', name: 'public.t', definition: 'a, c, b' }])
})

test('an invalid index is called one', async () => {
  const url = await postgres.createDatabase('invalid')
  await run(url, 'CREATE TABLE t (a int); INSERT INTO t VALUES (1), (1)')
  await expect(run(url, 'CREATE UNIQUE INDEX CONCURRENTLY twice ON t (a)')).rejects.toThrow('duplicated')
  expect(definitionOf(await contentOf(url), 'index', 'public.twice')).toMatch(/ INVALID$/)
})

test('rows that row security hides are refused, not left out', async () => {
  const url = await postgres.createDatabase('hidden')
  await run(
    url,
    `CREATE TABLE t (a int); INSERT INTO t VALUES (1); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
     CREATE ROLE clerk LOGIN PASSWORD 'p:w\\d'; GRANT SELECT ON t TO clerk`,
  )
  const clerk = { ...parseConnection(url), user: 'clerk', password: 'p:w\\d' }
  await expect(
    withSession(clerk, 'test', (session) => inTransaction(session, () => describeContent(session))),
  ).rejects.toMatchObject({ code: 'DB_NOT_ALLOWED' })
})

test('outside a transaction it fails, instead of reading with the wrong settings', async () => {
  const url = await postgres.createDatabase('outside')
  await expect(withSession(parseConnection(url), 'test', (s) => describeContent(s))).rejects.toMatchObject({
    code: 'DB_FAILED',
  })
})

test('reads what a copy would lose: owner, locale, limit, settings, grants, comment, roles', async () => {
  const url = await postgres.createDatabase('properties')
  await run(
    url,
    `CREATE ROLE keeper; CREATE ROLE reader; CREATE TABLE t (a int); ALTER TABLE t OWNER TO keeper; GRANT SELECT ON t TO reader;
     ALTER DATABASE properties SET work_mem = '8MB'; ALTER ROLE reader IN DATABASE properties SET search_path = 'a, "b c"';
     ALTER DATABASE properties CONNECTION LIMIT 77; COMMENT ON DATABASE properties IS 'ours';
     REVOKE CONNECT ON DATABASE properties FROM PUBLIC; GRANT CONNECT ON DATABASE properties TO reader WITH GRANT OPTION`,
  )
  const properties = await withSession(parseConnection(url), 'test', readDatabaseProperties)
  expect(properties).toMatchObject({
    owner: 'lab',
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
    localeProvider: 'libc',
    locale: null,
    tablespace: 'pg_default',
    connectionLimit: 77,
    comment: 'ours',
    roles: ['keeper', 'lab', 'reader'],
    settings: [
      { role: null, setting: 'work_mem=8MB' },
      { role: 'reader', setting: expect.stringContaining('search_path=') },
    ],
  })
  expect(properties.acl).toContainEqual({ grantee: 'reader', privilege: 'CONNECT', grantable: true })
  expect(properties.acl).not.toContainEqual(expect.objectContaining({ grantee: null, privilege: 'CONNECT' }))
})
