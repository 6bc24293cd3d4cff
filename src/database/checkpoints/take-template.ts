import { OperatorError } from '../../errors/operator-error.ts'
import type { TemplateRequest } from '../../ports/checkpoints.ts'
import { onDatabase } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { withControl } from '../postgres/control-session.ts'
import { openToAll } from '../postgres/copy-database.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import { withPatience } from '../postgres/maintenance.ts'
import { withPausing } from '../postgres/pgbouncer.ts'
import { findPlaces } from '../postgres/places.ts'
import { readServerFacts } from '../postgres/server-facts.ts'
import { type DatabaseSession, inTransaction } from '../postgres/session.ts'
import { copyAlone } from './copy-alone.ts'
import { refuseOthers } from './others.ts'
import type { CheckpointParts } from './parts.ts'
import type { Taken } from './taken.ts'
import type { Writer } from './writer.ts'

/** For PgBouncer's clients to end their transactions. */
const PAUSE_PATIENCE_MS = 5000

export interface TakeTemplate extends TemplateRequest {
  id: string
  writer: Writer & { template: string }
  owner: string
  signal: AbortSignal
}

/**
 * The server copies the database into one of the checkpoint's own, which is then described and closed for good: what is in it
 * cannot change. Only the copying keeps anybody waiting; what takes long beside it is done before or after.
 */
export async function takeTemplate(
  parts: CheckpointParts,
  session: DatabaseSession,
  request: TakeTemplate,
): Promise<Taken> {
  const { pauseMs, writer } = request
  await refuseOthers(session, pauseMs !== null)
  const { snapshotXmin, heldMs } = await copy(parts, session, request)
  const name = writer.template
  await session.query(
    `COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(commentOf(parts, request.id))}`,
  )
  parts.crash('checkpoint/copied')
  await openToAll(session, name, true)
  const content = await withPatience(onDatabase(session.connection, name), 'checkpoint', (inside) =>
    inTransaction(inside, () => describeContent(inside), 'ISOLATION LEVEL REPEATABLE READ READ ONLY'),
  )
  await openToAll(session, name, false)
  const [size] = await session.query<{ bytes: string }>('SELECT pg_database_size($1::name) AS bytes', [name])
  return {
    files: [],
    bytes: Number(size?.bytes ?? 0),
    content,
    snapshotXmin,
    template: { database: name, heldMs },
  }
}

async function copy(
  parts: CheckpointParts,
  session: DatabaseSession,
  { pauseMs, writer, owner, signal }: TakeTemplate,
): Promise<{ snapshotXmin: string; heldMs: number }> {
  const { clock } = parts
  const places = findPlaces(parts)
  const pgbouncerUrl = pauseMs === null ? null : parts.pgbouncerUrl
  const { major } = await readServerFacts(session)
  // Whoever looks for what a killed process has left running finds it by this name.
  await session.query(`SELECT set_config('application_name', $1, false)`, [writer.application])
  await flush(session)
  return withControl(places, 'template', async (control) => {
    const [before] = await session.query<{ xmin: string }>(
      'SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
    )
    const order = { name: writer.template, template: places.database, owner, pauseMs, major, signal }
    const heldMs = await withPausing(pgbouncerUrl, places.database, PAUSE_PATIENCE_MS, (pausing) =>
      pausing(() => copyAlone(session, control, clock, order)),
    )
    parts.crash('checkpoint/held')
    const [row] = await session.query<{ xmin: string }>(
      'SELECT xmin::text FROM pg_database WHERE datname = $1',
      [writer.template],
    )
    if (before === undefined || row === undefined)
      throw new OperatorError('INTERNAL', { detail: `the copy ${writer.template} is not there` })
    return { snapshotXmin: withEpoch(row.xmin, before.xmin), heldMs }
  })
}

/** The server writes everything out before it copies files; done now, nobody waits for it. Not every role may ask for it. */
async function flush(session: DatabaseSession): Promise<void> {
  await session.query('CHECKPOINT').catch((error: unknown) => {
    if (!(error instanceof OperatorError) || error.code !== 'DB_NOT_ALLOWED') throw error
  })
}

const WHOLE = 2n ** 32n

/**
 * The number of the transaction that made the copy, which began when nobody else was there: what has a younger one in the
 * database was written since. A row knows only its last 32 bits.
 * @param earlier a whole number that is not younger
 */
export function withEpoch(xmin: string, earlier: string): string {
  const from = BigInt(earlier)
  const sameEpoch = (from / WHOLE) * WHOLE + BigInt(xmin)
  return String(sameEpoch < from ? sameEpoch + WHOLE : sameEpoch)
}

function commentOf({ service, clock }: CheckpointParts, id: string): string {
  const at = new Date(clock.now()).toISOString()
  return `Checkpoint ${id} of ${service}, copied by lastgood on ${at}. It lets nobody in; lastgood checkpoint prune drops it when it is kept no longer.`
}
