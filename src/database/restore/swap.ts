import {
  type DamagedMark,
  type NextMark,
  type NextState,
  ownComment,
  writeMark,
} from '../../domain/database-mark.ts'
import { damagedName } from '../../domain/database-name.ts'
import {
  type DatabasesView,
  type FoundDatabase,
  type Restore,
  type SwapResult,
  stageOf,
} from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { withPausing } from '../postgres/pgbouncer.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import { refuseBlocked } from './before-swap.ts'
import { type ExchangeOrder, exchange } from './exchange.ts'
import { observeDatabases } from './observe-databases.ts'
import { reopenDatabases } from './reopen.ts'
import type { Workplace } from './restoration-parts.ts'

/** The restored database takes the name, the other one is kept under a new one. */
export async function swapIn(at: Workplace, restore: Restore): Promise<SwapResult> {
  const { places, clock, keepMs, patience } = at
  const { database } = places
  return withControl(places, 'swap', async (control) => {
    await reopenDatabases(control, at)
    const view = await observeDatabases(control, database)
    const stage = stageOf(view, restore.id)
    if (stage === 'swapped') return foundDone(view, restore)
    const next = view.next.find(({ mark }) => mark.restore === restore.id)
    if (stage !== 'carried' || next === undefined)
      throw new OperatorError('RESTORE_NOT_READY', { restore: restore.id, stage, wanted: 'carried' })

    const now = clock.now()
    const expires = new Date(now + keepMs).toISOString()
    const renamedTo = damagedName(database, now, await namesOf(control))
    const comment = await liveComment(control, view.live)
    const outgoing =
      view.live === null
        ? null
        : { ...keepDamaged(view.live, restore, next.oid), comment, at: new Date(now).toISOString(), expires }
    const order: ExchangeOrder = {
      name: database,
      outgoing:
        outgoing === null || view.live === null
          ? null
          : { oid: view.live.oid, renamedTo, comment: writeMark(outgoing) },
      incoming: { oid: next.oid, name: next.name, comment },
      marks: nextMarks(next),
      patienceMs: patience.swapMs,
    }
    await refuseBlocked(control, view.live === null ? [next.name] : [database, next.name], database)
    const { unavailableMs, sequencesMoved } = await runOrder(at, control, order, 'swap')
    return {
      kept: order.outgoing === null ? null : renamedTo,
      keptUntil: order.outgoing === null ? null : expires,
      unavailableMs,
      sequencesMoved,
      throughPgbouncer: at.pgbouncerUrl !== null,
    }
  })
}

/** Whatever happens on the way: at the end of it everybody is let in, if there is a server to say it to. */
export async function runOrder(
  at: Workplace,
  control: DatabaseSession,
  order: ExchangeOrder,
  verb: 'swap' | 'undo-swap',
) {
  const crash = (moment: string) => at.crash(`${verb}/${moment}`)
  try {
    return await withPausing(at.pgbouncerUrl, order.name, at.patience.pauseMs, (pausing) =>
      exchange(at.places, control, order, { pausing, crash }),
    )
  } catch (error) {
    // The script does it by itself; this is for a session that was ended from outside in the middle of it.
    await withControl(at.places, 'reopen', (session) => reopenDatabases(session, at)).catch(() => {})
    throw error
  }
}

export async function namesOf(control: DatabaseSession): Promise<string[]> {
  return (await control.query<{ name: string }>('SELECT datname AS name FROM pg_database')).map(
    ({ name }) => name,
  )
}

function keepDamaged(live: NonNullable<DatabasesView['live']>, restore: Restore, replacedBy: number) {
  return {
    role: 'damaged',
    of: live.name,
    restore: restore.id,
    checkpoint: restore.checkpoint,
    state: 'kept',
    replacedBy,
    frozen: live.mark?.frozen ?? null,
  } satisfies Partial<DamagedMark>
}

function nextMarks({ mark }: FoundDatabase<NextMark>): ExchangeOrder['marks'] {
  const as = (state: NextState) => writeMark({ ...mark, state })
  return { swapping: as('swapping'), ready: as('ready'), putBack: as('carried') }
}

async function liveComment(control: DatabaseSession, live: DatabasesView['live']): Promise<string | null> {
  if (live === null) return null
  const [row] = await control.query<{ comment: string | null }>(
    `SELECT shobj_description($1::oid, 'pg_database') AS comment`,
    [live.oid],
  )
  return ownComment(row?.comment ?? null)
}

function foundDone(view: DatabasesView, restore: Restore): SwapResult {
  const kept = view.damaged.find(({ mark }) => mark.restore === restore.id)
  return {
    kept: kept?.name ?? null,
    keptUntil: kept?.mark.expires ?? null,
    unavailableMs: null,
    sequencesMoved: 0,
    throughPgbouncer: false,
  }
}
