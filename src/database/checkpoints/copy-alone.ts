import { OperatorError } from '../../errors/operator-error.ts'
import type { Clock } from '../../ports/clock.ts'
import { type CopyRequest, copyDatabase } from '../postgres/copy-database.ts'
import type { DatabaseSession, Sql } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'
import { describeOthers } from './others.ts'

export interface AloneRequest extends CopyRequest {
  /** Null: nobody is sent away. */
  pauseMs: number | null
  major: number
  signal: AbortSignal
}

const EVERY_MS = 5
/** A session that was let in a moment before the lock shows itself within this. */
const LATE_MS = 150

/** Cancelled: by its time limit or by us. In use: a session has not left within the server's own 5 seconds. */
const CANCELLED = '57014'
const IN_USE = '55006'

/**
 * Copies the database of `session` while nobody else is in it. No state of the server says that connections are shut: the
 * statement that copies holds a lock, behind which they wait, and that ends with the statement. So however we end, killed in
 * the middle or not, the server opens the database again by itself, at the latest when `pauseMs` is over.
 *
 * @param control a session elsewhere, to end the others from
 * @throws OperatorError CHECKPOINT_HELD_UP, INTERRUPTED
 * @returns how long connections had to wait
 */
export async function copyAlone(
  session: DatabaseSession,
  control: Sql,
  clock: Clock,
  request: AloneRequest,
): Promise<number> {
  const { pauseMs, signal } = request
  await session.query(`SET statement_timeout = ${Math.round(pauseMs ?? 0)}`)
  const begun = performance.now()
  let ended = false
  const copying = copyDatabase(session, request, { ...request, other: control }).finally(() => {
    ended = true
  })
  const sending = pauseMs === null ? null : sendAway(session, control, clock, () => ended)
  // What goes wrong with sending away shows in the copy: it does not begin while somebody is there.
  const [copied] = await Promise.allSettled([copying, sending])
  const heldMs = performance.now() - begun
  await session.query('SET statement_timeout = 0')
  if (copied.status === 'fulfilled') return Math.round(heldMs)
  throw signal.aborted
    ? new OperatorError('INTERRUPTED', { step: 'checkpoint' }, { cause: copied.reason })
    : await explain(copied.reason, session, request)
}

/**
 * Only while the lock is held: who comes back waits behind it, and is nobody's to end. One statement looks at both, or it
 * would end those who are let in when the copy is done.
 */
async function sendAway(
  { pid }: DatabaseSession,
  control: Sql,
  clock: Clock,
  isOver: () => boolean,
): Promise<void> {
  let lastSeen: number | null = null
  while (!isOver()) {
    const [row] = await control.query<{ held: boolean; ended: number }>(
      `WITH copied AS (
         SELECT objid FROM pg_locks WHERE locktype = 'object' AND classid = 'pg_database'::regclass AND pid = $1
            AND mode = 'ShareLock' AND granted)
       SELECT EXISTS (SELECT FROM copied) AS held,
              (SELECT count(pg_terminate_backend(a.pid))::int FROM pg_stat_activity a JOIN copied ON a.datid = copied.objid
                WHERE a.pid <> $1 AND a.usesysid IS NOT NULL) AS ended`,
      [pid],
    )
    const now = clock.now()
    if (row?.held && (lastSeen === null || row.ended > 0)) lastSeen = now
    if (lastSeen !== null && now - lastSeen >= LATE_MS) return
    await clock.sleep(EVERY_MS)
  }
}

async function explain(
  error: unknown,
  session: DatabaseSession,
  { pauseMs }: AloneRequest,
): Promise<unknown> {
  const { database } = session.connection
  const state = sqlState(error)
  if (state === CANCELLED) {
    const detail = `it was not ready after ${pauseMs} ms`
    return new OperatorError('CHECKPOINT_HELD_UP', { database, detail }, { cause: error })
  }
  if (state !== IN_USE) return error
  const others = await describeOthers(session)
  const detail = `these are still connected: ${others.join('; ') || 'nobody any more'}`
  return new OperatorError('CHECKPOINT_HELD_UP', { database, detail }, { cause: error, details: others })
}
