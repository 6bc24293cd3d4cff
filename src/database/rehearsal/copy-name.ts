import { randomBytes } from 'node:crypto'
import type { CheckpointId } from '../../domain/checkpoint.ts'
import { dropDatabase } from '../postgres/create-database.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

/** A database that a release is rehearsed on. */
export function copyName(checkpoint: CheckpointId): string {
  return `lastgood_rehearse_${checkpoint}_${randomBytes(4).toString('hex')}`
}

export async function markCopy(sql: Sql, name: string, service: string): Promise<void> {
  await sql.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(commentOf(service))}`)
}

/**
 * Copies whose rehearsal is gone: no session has their name any more, wherever it ran. One that was killed before it could
 * write the comment is known by its name alone, which nobody else gives.
 */
export async function dropStrayCopies(sql: Sql, service: string): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT datname AS name FROM pg_database d
      WHERE datname ~ '^lastgood_rehearse_c[0-9]+_[0-9a-f]{8}$'
        AND COALESCE(shobj_description(d.oid, 'pg_database'), $1) = $1
        AND NOT EXISTS (SELECT 1 FROM pg_stat_activity WHERE application_name = 'lastgood ' || d.datname)
      ORDER BY 1`,
    [commentOf(service)],
  )
  for (const { name } of rows) await dropDatabase(sql, name)
  return rows.map(({ name }) => name)
}

function commentOf(service: string): string {
  return `lastgood rehearses a release of ${service} on it, and drops it afterwards`
}
