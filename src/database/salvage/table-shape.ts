import type { TableName } from '../../domain/salvage.ts'
import type { Sql } from '../postgres/session.ts'

export interface ColumnShape {
  name: string
  /** With its schema where it is not PostgreSQL's own, and without a length: a cast to it cuts nothing off. */
  type: string
  /** The bare name, of what a domain is made of: `int4`. */
  baseType: string
  notNull: boolean
  hasDefault: boolean
  identity: boolean
  generated: boolean
}

export interface ForeignKeyShape {
  name: string
  columns: string[]
  parent: TableName
  parentColumns: string[]
  /** The table that `parent` is a partition of; else `parent` itself. */
  parentRoot: TableName
  /** Of one partition alone: SQL that is true for its rows, of the bare names of their columns. Null: of the whole table. */
  onlyWhere: string | null
  deferrable: boolean
}

/** A table as the catalogue has it. */
export interface TableShape extends TableName {
  oid: string
  /** Divided into partitions, which are not tables of their own here. */
  partitioned: boolean
  /** Its file is not the one it was made with: emptied, or written anew by DDL, at some time. */
  rewritten: boolean
  columns: ColumnShape[]
  primaryKey: string[] | null
  foreignKeys: ForeignKeyShape[]
  /** Triggers that fire even where triggers are off. */
  alwaysTriggers: string[]
  /** Rough: to read a bounded amount at a time. */
  bytesPerRow: number
}

/** Every table with rows of its own, in the session's snapshot. What belongs to an extension is left out, as pg_dump does. */
export async function readTables(sql: Sql): Promise<TableShape[]> {
  const tables = await sql.query<TableRow>(TABLES)
  const columns = groupByTable(await sql.query<ColumnShape & { oid: string }>(COLUMNS))
  const foreignKeys = groupByTable(await sql.query<ForeignKeyRow>(FOREIGN_KEYS))
  return tables.map(({ bytes, estimate, ...table }) => ({
    ...table,
    columns: columns.get(table.oid) ?? [],
    foreignKeys: (foreignKeys.get(table.oid) ?? []).map(toForeignKey),
    bytesPerRow: estimate > 0 ? Number(bytes) / estimate : 0,
  }))
}

type TableRow = Omit<TableShape, 'columns' | 'foreignKeys' | 'bytesPerRow'> & {
  bytes: string
  estimate: number
}
type ForeignKeyRow = Omit<ForeignKeyShape, 'parent' | 'parentRoot'> & {
  oid: string
  parentSchema: string
  parentName: string
  rootSchema: string
  rootName: string
}

function toForeignKey({ oid: _, ...row }: ForeignKeyRow): ForeignKeyShape {
  const { parentSchema, parentName, rootSchema, rootName, ...key } = row
  return {
    ...key,
    parent: { schema: parentSchema, name: parentName },
    parentRoot: { schema: rootSchema, name: rootName },
  }
}

function groupByTable<Row extends { oid: string }>(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const group = groups.get(row.oid)
    if (group === undefined) groups.set(row.oid, [row])
    else group.push(row)
  }
  return groups
}

const OURS_AND_PARTITIONS = `c.relkind in ('r', 'p') and c.relpersistence <> 't'
  and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
  and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')`

/** Which tables: one condition for all questions. A partition is none of its own, but may have foreign keys of its own. */
const OURS = `not c.relispartition and ${OURS_AND_PARTITIONS}`

/** The table itself, or its partitions at every depth. */
const PARTS = `(select c.oid as oid where c.relkind = 'r' union all select relid from pg_partition_tree(c.oid) where c.relkind = 'p')`

const TABLES = `
select c.oid::text as oid, n.nspname::text as schema, c.relname::text as name, c.relkind = 'p' as partitioned,
  c.relkind = 'r' and c.relfilenode <> c.oid as rewritten,
  (select array_agg(a.attname::text order by k.at)
     from pg_constraint p, unnest(p.conkey) with ordinality k(num, at), pg_attribute a
    where p.conrelid = c.oid and p.contype = 'p' and a.attrelid = c.oid and a.attnum = k.num) as "primaryKey",
  (select coalesce(array_agg(distinct t.tgname::text order by t.tgname::text), '{}') from pg_trigger t
    where t.tgrelid in ${PARTS} and not t.tgisinternal and t.tgenabled = 'A') as "alwaysTriggers",
  (select sum(pg_table_size(part.oid)) from ${PARTS} as part) as bytes,
  (select sum(greatest(p.reltuples, 0)) from ${PARTS} as part join pg_class p on p.oid = part.oid and p.relkind = 'r') as estimate
from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OURS}
order by n.nspname collate "C", c.relname collate "C"`

const COLUMNS = `
select c.oid::text as oid, a.attname::text as name, format_type(a.atttypid, -1) as type,
  (with recursive made(oid, of) as (
     select t.oid, t.typbasetype from pg_type t where t.oid = a.atttypid
     union all select t.oid, t.typbasetype from made, pg_type t where t.oid = made.of)
   select t.typname::text from made join pg_type t on t.oid = made.oid where made.of = 0) as "baseType",
  a.attnotnull as "notNull", a.atthasdef as "hasDefault",
  a.attidentity <> '' as identity, a.attgenerated <> '' as generated
from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
where ${OURS} and a.attnum > 0 and not a.attisdropped order by a.attnum`

const FOREIGN_KEYS = `
select coalesce(pg_partition_root(c.oid), c.oid)::oid::text as oid, f.conname::text as name,
  f.condeferrable as deferrable, pn.nspname::text as "parentSchema", p.relname::text as "parentName",
  rn.nspname::text as "rootSchema", r.relname::text as "rootName",
  case when c.relispartition then pg_get_partition_constraintdef(c.oid) end as "onlyWhere",
  (select array_agg(a.attname::text order by k.at) from unnest(f.conkey) with ordinality k(num, at), pg_attribute a
    where a.attrelid = f.conrelid and a.attnum = k.num) as columns,
  (select array_agg(a.attname::text order by k.at) from unnest(f.confkey) with ordinality k(num, at), pg_attribute a
    where a.attrelid = f.confrelid and a.attnum = k.num) as "parentColumns"
from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
join pg_class p on p.oid = f.confrelid join pg_namespace pn on pn.oid = p.relnamespace
join pg_class r on r.oid = coalesce(pg_partition_root(p.oid), p.oid) join pg_namespace rn on rn.oid = r.relnamespace
where f.contype = 'f' and f.conparentid = 0 and ${OURS_AND_PARTITIONS} order by f.conname collate "C"`
