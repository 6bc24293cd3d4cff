import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { id, openSalvageLab, SHOP } from '../../../test/support/salvage-lab.ts'

const lab = await openSalvageLab('salvage')
afterAll(() => lab.close())
const { postgres, twoDatabases, salvageOf, rowsOf } = lab

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

test('a database that is not there, and one that nobody kept', async () => {
  const { restored } = await twoDatabases(SHOP)
  const salvage = salvageOf(restored)
  await expect(salvage.compare({ damaged: 'nowhere', restored: null })).rejects.toMatchObject({
    code: 'DB_NOT_THERE',
  })
  expect(await salvage.keptDatabases()).toEqual([])
})
