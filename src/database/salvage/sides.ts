import { readMark } from '../../domain/database-mark.ts'
import type { Sides } from '../../ports/salvage.ts'
import { type Connection, onDatabase } from '../postgres/connection.ts'
import { type DatabaseSession, inTransaction, openSession, type Sql } from '../postgres/session.ts'
import { SAME_TEXT_EVERYWHERE } from './row-sql.ts'
import { transactionWindow, writtenInside } from './transaction-window.ts'

/** Both databases, each in one snapshot that cannot write. */
export interface OpenSides {
  damaged: Sql
  restored: Sql
  names: { damaged: string; restored: string }
  /** SQL on a row `t` of the restored side: it was written after the restore. */
  later: string
}

/** @throws OperatorError DB_NOT_THERE and whatever a connection can throw */
export async function withSides<T>(
  connection: Connection,
  { damaged, restored }: Sides,
  work: (sides: OpenSides) => Promise<T>,
): Promise<T> {
  const names = { damaged, restored: restored ?? connection.database }
  return withSnapshot(onDatabase(connection, names.damaged), (ours) =>
    withSnapshot(onDatabase(connection, names.restored), async (theirs) => {
      const later = await laterCondition(theirs, names)
      return work({ damaged: ours, restored: theirs, names, later })
    }),
  )
}

/** All that is asked is of one moment, and nothing can be changed. */
export async function withSnapshot<T>(
  connection: Connection,
  work: (session: DatabaseSession) => Promise<T>,
): Promise<T> {
  const session = await openSession(connection, 'salvage', { readOnly: true })
  try {
    await session.query(SAME_TEXT_EVERYWHERE)
    return await inTransaction(session, () => work(session), 'isolation level repeatable read read only')
  } finally {
    await session.close()
  }
}

/**
 * What the service wrote since the restore is no part of the damage. The transaction that renamed both databases is the one
 * that last wrote their rows in pg_database (the older of the two: other things write there too), and whatever is younger
 * came after it. Where one did not take the other's place, nobody has written.
 */
async function laterCondition(sql: Sql, names: OpenSides['names']): Promise<string> {
  const rows = await sql.query<{ name: string; oid: string; xmin: string; comment: string | null }>(
    `select datname::text as name, oid::text as oid, xmin::text as xmin,
       shobj_description(oid, 'pg_database') as comment from pg_database where datname in ($1, $2)`,
    [names.damaged, names.restored],
  )
  const mark = readMark(rows.find(({ name }) => name === names.damaged)?.comment ?? null)
  const serving = rows.find(({ name }) => name === names.restored)
  if (mark?.role !== 'damaged' || serving === undefined || String(mark.replacedBy) !== serving.oid)
    return 'false'
  const next = await nextTransaction(sql)
  const ages = rows.map(({ xmin }) => (BigInt(next) - BigInt(xmin)) & 0xffff_ffffn)
  const swappedAt = BigInt(next) - ages.reduce((a, b) => (a > b ? a : b))
  const window = transactionWindow(String(swappedAt + 1n), next)
  return window.usable ? writtenInside(window, 't') : 'false'
}

/** 64 bits, with the epoch. Asking uses none up. */
export async function nextTransaction(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ next: string }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text as next',
  )
  return row?.next ?? ''
}
