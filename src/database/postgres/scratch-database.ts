import { randomBytes } from 'node:crypto'
import { dropDatabase } from './create-database.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import type { Sql } from './session.ts'

/** Databases that are made for a trial and dropped afterwards. */
export interface ScratchKind {
  /** In their names: `lastgood_<word>_<checkpoint>_<random>`. */
  word: string
  /** For a person who finds one. */
  commentOf(service: string): string
}

export function scratchName({ word }: ScratchKind, checkpoint: string): string {
  return `lastgood_${word}_${checkpoint}_${randomBytes(4).toString('hex')}`
}

export async function markScratch(sql: Sql, kind: ScratchKind, name: string, service: string): Promise<void> {
  await sql.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(kind.commentOf(service))}`)
}

/**
 * Those whose process is gone: no session has their name any more, wherever it ran. One that was killed before it could
 * write the comment is known by its name alone, which nobody else gives.
 */
export async function dropStrayScratch(sql: Sql, kind: ScratchKind, service: string): Promise<string[]> {
  // d.datname, because pg_stat_activity has a column of that name too.
  const rows = await sql.query<{ name: string }>(
    `SELECT d.datname AS name FROM pg_database d
      WHERE d.datname ~ $2
        AND COALESCE(shobj_description(d.oid, 'pg_database'), $1) = $1
        AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'lastgood ' || d.datname)
      ORDER BY 1`,
    [kind.commentOf(service), `^lastgood_${kind.word}_c[0-9]+_[0-9a-f]{8}$`],
  )
  for (const { name } of rows) await dropDatabase(sql, name)
  return rows.map(({ name }) => name)
}
