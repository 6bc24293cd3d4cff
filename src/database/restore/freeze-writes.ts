import { type FrozenMark, ownComment, writeMark } from '../../domain/database-mark.ts'
import type { FreezeResult } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import { withPausing } from '../postgres/pgbouncer.ts'
import { type DatabaseSession, inTransaction, withSession } from '../postgres/session.ts'
import { endSessions } from './end-sessions.ts'
import { READ_ONLY, readSettings, setReadOnly, thaw } from './freeze-settings.ts'
import { observeDatabases } from './observe-databases.ts'
import type { Workplace } from './restoration-parts.ts'

const ASKS_ITSELF =
  'a session that asks for READ WRITE itself (BEGIN READ WRITE, SET default_transaction_read_only)'

/**
 * Sessions begin read-only by a setting, and those that began before it are ended: a pool's old session would go on
 * writing. The mark and the settings are one transaction.
 */
export async function freeze(at: Workplace, reason: string): Promise<FreezeResult> {
  const { places } = at
  const { database, service } = places
  return withControl(places, 'freeze', async (control) => {
    const { live } = await observeDatabases(control, database)
    if (live === null)
      throw new OperatorError('DB_NOT_THERE', {
        database,
        host: service.host,
        port: service.port,
        user: service.user,
      })
    const alreadyFrozen = live.mark !== null
    const frozen = live.mark?.frozen ?? {
      reason,
      at: new Date(at.clock.now()).toISOString(),
      before: await readSettings(control, live.oid, service.user),
    }
    const comment = await commentOf(control, live.oid)
    const mark: FrozenMark = { role: 'frozen', of: database, frozen, comment: ownComment(comment) }
    return withPausing(at.pgbouncerUrl, database, at.patience.pauseMs, (pausing) =>
      pausing(async () => {
        const refused = await setReadOnly(control, database, frozen.before)
        await setComment(control, database, writeMark(mark))
        at.crash('freeze-writes/set')
        const { ended, left, untouchable } = await endSessions(
          control,
          database,
          at.patience.swapMs,
          at.clock,
        )
        at.crash('freeze-writes/ended')
        if (left.length > 0) {
          await melt(control, database, mark)
          throw new OperatorError('FREEZE_NOT_HELD', {
            database,
            detail: `these connections did not end: ${left.join('; ')}`,
          })
        }
        const notStopped = [
          ASKS_ITSELF,
          ...untouchable,
          ...refused.map((role) => `sessions of ${role}, whose own setting wins`),
        ]
        return { ended, alreadyFrozen, notStopped }
      }),
    )
  }).then(async (result) => {
    await requireReadOnly(at)
    return result
  })
}

export async function unfreeze(at: Workplace): Promise<{ unfrozen: string[] }> {
  const { database } = at.places
  return withControl(at.places, 'freeze', async (control) => {
    const { live } = await observeDatabases(control, database)
    if (live?.mark?.role !== 'frozen') return { unfrozen: [] }
    await melt(control, database, live.mark)
    // Sessions are ended again, because a session keeps what it began with.
    await endSessions(control, database, at.patience.swapMs, at.clock)
    return { unfrozen: [database] }
  })
}

async function melt(control: DatabaseSession, database: string, mark: FrozenMark): Promise<void> {
  await inTransaction(control, async () => {
    await thaw(control, database, mark.frozen)
    await setComment(control, database, mark.comment)
  })
}

/** Looked at from where it counts: as the service. */
async function requireReadOnly(at: Workplace): Promise<void> {
  const [row] = await withSession(at.places.service, 'freeze', (session) =>
    session.query<{ setting: string }>(`SELECT current_setting('${READ_ONLY}') AS setting`),
  )
  if (row?.setting === 'on') return
  await unfreeze(at)
  const { database } = at.places
  const detail = `a new session of ${at.places.service.user} is not read-only: its url or its role sets it otherwise`
  throw new OperatorError('FREEZE_NOT_HELD', { database, detail })
}

async function commentOf(control: DatabaseSession, oid: number): Promise<string | null> {
  const [row] = await control.query<{ comment: string | null }>(
    `SELECT shobj_description($1::oid, 'pg_database') AS comment`,
    [oid],
  )
  return row?.comment ?? null
}

async function setComment(control: DatabaseSession, database: string, comment: string | null): Promise<void> {
  const text = comment === null ? 'NULL' : quoteLiteral(comment)
  await control.query(`COMMENT ON DATABASE ${quoteIdentifier(database)} IS ${text}`)
}
