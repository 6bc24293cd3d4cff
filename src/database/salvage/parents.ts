import { sameTable, tableTitle } from '../../domain/salvage.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { qualified, quoteIdentifier } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'
import { DONE, OUT, type Staged, sameKey } from './staging.ts'
import type { ForeignKeyShape } from './table-shape.ts'

/** One foreign key of a table that rows come back to. */
interface Reference {
  child: Staged
  key: ForeignKeyShape
  /** Null: the parent's rows are not to come back. */
  parent: Staged | null
}

/** Those that can be checked: all of their columns come with the rows. */
export function referencesOf(staged: readonly Staged[]): Reference[] {
  return staged.flatMap((child) =>
    child.pair.restored.foreignKeys
      .filter(({ columns }) =>
        columns.every((name) => child.pair.columns.some((column) => column.name === name)),
      )
      .map((key) => ({
        child,
        key,
        parent: staged.find(({ pair }) => sameTable(pair, key.parentRoot)) ?? null,
      })),
  )
}

/**
 * Rows whose parents the operator left out stay out with them. What then still has no parent is named.
 * @throws OperatorError SALVAGE_PARENTS_MISSING
 */
export async function requireParents(sql: Sql, staged: readonly Staged[], restored: string): Promise<void> {
  const references = referencesOf(staged)
  for (let marked = 1; marked > 0; ) {
    marked = 0
    for (const reference of references.filter(({ parent }) => parent !== null)) {
      const leftOut = `${inStage(reference, `p.${OUT} is not null`)} and not ${inStage(reference, `p.${OUT} is null`)}`
      marked += await markOut(sql, reference, leftOut)
    }
  }
  const details: string[] = []
  const wanted = new Set(staged.map(({ pair }) => tableTitle(pair)))
  const tables = new Set<string>()
  for (const reference of references) {
    const { child, key } = reference
    const missing = await sql.query<{ named: string; rows: string }>(
      `select concat_ws(', ', ${key.columns.map((name) => `s.${quoteIdentifier(name)}::text`).join(', ')}) as named,
         count(*)::text as rows from ${child.stage} s
       where ${orphan(reference)} and not ${inStage(reference, `p.${OUT} is null`)}
       group by 1 order by count(*) desc, 1 limit 11`,
    )
    if (missing.length === 0) continue
    wanted.add(tableTitle(key.parentRoot))
    tables.add(tableTitle(child.pair))
    details.push(...missing.slice(0, 10).map(({ named, rows }) => describeMissing(reference, named, rows)))
    if (missing.length > 10) details.push(`... and more of ${tableTitle(key.parent)}`)
  }
  if (details.length === 0) return
  const params = { tables: [...tables].join(', '), restored, wanted: [...wanted].join(',') }
  throw new OperatorError('SALVAGE_PARENTS_MISSING', params, { details })
}

function describeMissing({ child, key }: Reference, named: string, rows: string): string {
  const count = `${rows} ${rows === '1' ? 'row' : 'rows'} of ${tableTitle(child.pair)}`
  return `${count}: ${key.columns.join(', ')} = ${named}, which is not in ${tableTitle(key.parent)}`
}

/**
 * Right before the rows of a table are written. A parent that could not be written after all (something else has its place)
 * keeps its children out. Those that are there are held until the end: with triggers off nobody else does.
 * @param toCome tables that are not written yet: their rows are still counted on
 */
export async function settleParents(
  sql: Sql,
  child: Staged,
  all: readonly Staged[],
  { toCome, lock }: { toCome: readonly Staged[]; lock: boolean },
): Promise<void> {
  for (const reference of referencesOf(all).filter((one) => one.child === child)) {
    const { parent } = reference
    const awaited = parent !== null && toCome.includes(parent)
    const hope = awaited ? `not ${inStage(reference, `p.${OUT} is null`)}` : 'true'
    if (lock) await holdParents(sql, reference)
    await markOut(sql, reference, hope)
  }
}

/** As a foreign key does it: the parent's row can be changed, not deleted, until we are done. */
async function holdParents(sql: Sql, { child, key }: Reference): Promise<void> {
  const parent = qualified(key.parent.schema, key.parent.name)
  await sql.query(`select count(*) from (
    select from ${parent} p where exists (
      select from ${child.stage} s where s.${OUT} is null and ${matches(key, 'p')}) for key share of p) as held`)
}

/**
 * With triggers off nobody but us sees to it that no row is left without its parent: in rings of tables, and in tables that
 * refer to themselves, a parent may have turned out to be a conflict after its child was written.
 */
export async function pruneOrphans(sql: Sql, staged: readonly Staged[]): Promise<void> {
  const references = referencesOf(staged)
  const backwards = references.some(
    ({ child, parent }) => parent !== null && staged.indexOf(parent) >= staged.indexOf(child),
  )
  if (!backwards) return
  for (let pruned = 1; pruned > 0; ) {
    pruned = 0
    for (const { child, key } of references) {
      const same = sameKey(child)
      if (same === null) continue
      const rows = await sql.query(
        `with orphans as (
           update ${child.stage} s set ${OUT} = 'parent', ${DONE} = false
           where s.${DONE} and ${present(key)} and not ${inTable(key)} returning s.*)
         delete from ${child.table} t using orphans s where ${same} returning 1`,
      )
      pruned += rows.length
    }
  }
}

async function markOut(sql: Sql, reference: Reference, condition: string): Promise<number> {
  const rows = await sql.query(
    `update ${reference.child.stage} s set ${OUT} = 'parent' where ${orphan(reference)} and ${condition} returning 1`,
  )
  return rows.length
}

/** A staged row that is to come back, refers to something, and it is not in the database. */
function orphan({ key }: Reference): string {
  return `s.${OUT} is null and not s.${DONE} and ${present(key)} and not ${inTable(key)}`
}

function present({ columns, onlyWhere }: ForeignKeyShape): string {
  const given = columns.map((name) => `s.${quoteIdentifier(name)} is not null`)
  return [...given, ...(onlyWhere === null ? [] : [`(${onlyWhere})`])].join(' and ')
}

function inTable(key: ForeignKeyShape): string {
  return `exists (select from ${qualified(key.parent.schema, key.parent.name)} p where ${matches(key, 'p')})`
}

function inStage({ key, parent }: Reference, condition: string): string {
  if (parent === null) return 'false'
  return `exists (select from ${parent.stage} p where ${matches(key, 'p')} and ${condition})`
}

function matches({ columns, parentColumns }: ForeignKeyShape, alias: string): string {
  return columns
    .map((name, i) => `${alias}.${quoteIdentifier(parentColumns[i] ?? '')} = s.${quoteIdentifier(name)}`)
    .join(' and ')
}
