import { type DamagedMark, type NextMark, writeMark } from '../../domain/database-mark.ts'
import { nextName } from '../../domain/database-name.ts'
import { type Restore, type SwapResult, stageOf } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { refuseBlocked } from './before-swap.ts'
import { thaw } from './freeze-settings.ts'
import { observeDatabases } from './observe-databases.ts'
import { reopenDatabases } from './reopen.ts'
import type { Workplace } from './restoration-parts.ts'
import { runOrder } from './swap.ts'

/** What was kept serves again, as it was; what the restore had built is kept in its turn. */
export async function swapBack(at: Workplace, restore: Restore): Promise<SwapResult> {
  const { places, clock, keepMs, patience } = at
  const { database } = places
  return withControl(places, 'swap', async (control) => {
    await reopenDatabases(control, at)
    const view = await observeDatabases(control, database)
    const undone = view.next.find(({ mark }) => mark.restore === restore.id && mark.state === 'undone')
    if (undone !== undefined)
      return {
        kept: undone.name,
        keptUntil: undone.mark.expires,
        unavailableMs: null,
        sequencesMoved: 0,
        throughPgbouncer: false,
      }
    const kept = view.damaged.find(({ mark }) => mark.restore === restore.id)
    if (kept === undefined || view.live === null || stageOf(view, restore.id) !== 'swapped')
      throw new OperatorError('NOTHING_TO_UNDO', {
        database,
        restore: restore.id,
        detail: whyNot(kept !== undefined),
      })

    const now = clock.now()
    const expires = new Date(now + keepMs).toISOString()
    const renamedTo = nextName(database, restore.id)
    const { id, checkpoint } = restore
    const mark: NextMark = {
      role: 'next',
      of: database,
      restore: id,
      checkpoint,
      state: 'undone',
      at: new Date(now).toISOString(),
      expires,
    }
    await refuseBlocked(control, [database, kept.name], database)
    // It was made read-only before it was replaced; whoever takes it back wants to work with it.
    if (kept.mark.frozen !== null) await thaw(control, kept.name, kept.mark.frozen)
    const as = (state: DamagedMark['state']) => writeMark({ ...kept.mark, frozen: null, state })
    const { unavailableMs, sequencesMoved } = await runOrder(
      at,
      control,
      {
        name: database,
        outgoing: { oid: view.live.oid, renamedTo, comment: writeMark(mark) },
        incoming: { oid: kept.oid, name: kept.name, comment: kept.mark.comment },
        marks: { swapping: as('swapping'), ready: as('ready'), putBack: as('kept') },
        patienceMs: patience.swapMs,
      },
      'undo-swap',
    )
    return {
      kept: renamedTo,
      keptUntil: expires,
      unavailableMs,
      sequencesMoved,
      throughPgbouncer: at.pgbouncerUrl !== null,
    }
  })
}

function whyNot(kept: boolean): string {
  return kept
    ? 'another database has taken its place since'
    : 'the database that it replaced is not there (any more)'
}
