import type { DatabaseContent, ExtensionContent, SequenceContent } from '../../domain/checkpoint.ts'
import { describeCatalog } from './catalog-description.ts'
import { qualified, quoteLiteral } from './identifier.ts'
import { OWN_RELATIONS } from './own-objects.ts'
import type { Sql } from './session.ts'
import { type HashKind, readTables } from './table-content.ts'

/**
 * The same rows always have the same text, whatever the session, the role or the server is set to. An empty search_path
 * makes every name in a definition a full one. Rows that row security would hide are an error, not a smaller count.
 */
const FIXED_SETTINGS = `
  SET LOCAL search_path = pg_catalog; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';
  SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';
  SET LOCAL lc_monetary = 'C'; SET LOCAL xmlbinary = 'base64'; SET LOCAL row_security = off;
  SET LOCAL quote_all_identifiers = off; SET LOCAL jit = off`

export interface ContentOptions {
  /** `text` compares across servers, `record` is a third faster and compares within one, `none` only counts. */
  hash?: HashKind
}

/**
 * What the database holds, all in the caller's transaction: with REPEATABLE READ in one snapshot. Extensions' own tables are
 * left out, and so is what the server keeps for itself. Outside a transaction it fails.
 */
export async function describeContent(sql: Sql, options: ContentOptions = {}): Promise<DatabaseContent> {
  return withFixedSettings(sql, async () => {
    // First: the sequences move on while the rest is read, and a dump made meanwhile can only be ahead of them.
    const sequences = await readSequences(sql)
    const tables = await readTables(sql, options.hash ?? 'text')
    return {
      tables,
      sequences,
      extensions: await readExtensions(sql),
      catalog: await describeCatalog(sql),
      largeObjects: await countLargeObjects(sql),
    }
  })
}

/** The savepoint gives the caller's settings back, and fails where there is no transaction to set anything in. */
export async function withFixedSettings<T>(sql: Sql, work: () => Promise<T>): Promise<T> {
  await sql.query('SAVEPOINT lastgood_content')
  await sql.query(FIXED_SETTINGS)
  const result = await work()
  await sql.query('ROLLBACK TO SAVEPOINT lastgood_content; RELEASE SAVEPOINT lastgood_content')
  return result
}

/** Outside of every snapshot: a sequence never goes back. */
export async function readSequences(sql: Sql): Promise<SequenceContent[]> {
  const names = await sql.query<{ schema: string; name: string }>(`
    SELECT n.nspname AS schema, c.relname AS name ${OWN_RELATIONS} AND c.relkind = 'S' AND c.relpersistence <> 't'
     ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C"`)
  if (names.length === 0) return []
  const one = ({ schema, name }: { schema: string; name: string }) => `
    SELECT ${quoteLiteral(schema)}::text AS schema, ${quoteLiteral(name)}::text AS name,
           last_value::text AS "lastValue", is_called AS "isCalled" FROM ${qualified(schema, name)}`
  return sql.query<SequenceContent>(names.map(one).join(' UNION ALL '))
}

export async function readExtensions(sql: Sql): Promise<ExtensionContent[]> {
  return sql.query<ExtensionContent>(`
    SELECT extname AS name, extversion AS version, nspname AS schema
      FROM pg_catalog.pg_extension JOIN pg_catalog.pg_namespace n ON n.oid = extnamespace
     ORDER BY extname COLLATE "C"`)
}

async function countLargeObjects(sql: Sql): Promise<number> {
  const [row] = await sql.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM pg_largeobject_metadata',
  )
  return row?.count ?? 0
}
