import { isRestoreId } from '../../domain/database-name.ts'
import type { Restore, RestoreView } from '../../domain/restore.ts'
import { messageOf } from '../../errors/operator-error.ts'
import type { Restoration } from '../../ports/restore.ts'
import { withControl } from '../postgres/control-session.ts'
import { findPools } from '../postgres/pgbouncer.ts'
import { buildNext } from './build-beside.ts'
import { carry } from './carry-over.ts'
import { checkAll } from './check-before.ts'
import { compareSpace } from './check-space.ts'
import { dropNext, dropOutdated } from './drop-kept.ts'
import { freeze, unfreeze } from './freeze-writes.ts'
import { measureDatabases, observeDatabases } from './observe-databases.ts'
import { reopenDatabases } from './reopen.ts'
import { prepareWorkplace, type RestorationParts, type Workplace } from './restoration-parts.ts'
import { swapIn } from './swap.ts'
import { swapBack } from './undo-swap.ts'
import { verifyNext } from './verify-beside.ts'

/** @throws OperatorError DB_URL_INVALID */
export function createRestoration(parts: RestorationParts): Restoration {
  const at = prepareWorkplace(parts)
  return {
    checkBefore: (checkpoint) => checkAll(at, checkpoint),
    checkSpace: (checkpoint) => compareSpace(at, parts, checkpoint),
    freezeWrites: (reason) => freeze(at, reason),
    unfreezeWrites: () => unfreeze(at),
    buildBeside: async (restore, checkpoint, signal) =>
      buildNext(at, parts.restoreInto, named(restore), checkpoint, signal),
    verifyBeside: async (restore, checkpoint) => verifyNext(at, named(restore), checkpoint),
    carryOver: async (restore, checkpoint) => carry(at, named(restore), checkpoint),
    swap: async (restore) => swapIn(at, named(restore)),
    undoSwap: async (restore) => swapBack(at, named(restore)),
    reopen: async () => ({
      reopened: await withControl(at.places, 'reopen', (control) => reopenDatabases(control, at)),
    }),
    observe: () => observe(at),
    dropBeside: async (restore) => dropNext(at, named(restore)),
    dropExpired: (now) => dropOutdated(at, now),
  }
}

/** It becomes part of a database's name. */
function named(restore: Restore): Restore {
  if (!isRestoreId(restore.id)) throw new Error(`${JSON.stringify(restore.id)} is no id of a restore`)
  return restore
}

async function observe(at: Workplace): Promise<RestoreView> {
  const { database } = at.places
  const databases = await withControl(at.places, 'observe', async (control) => {
    const view = await observeDatabases(control, database)
    const all = [...(view.live === null ? [] : [view.live]), ...view.next, ...view.damaged]
    const sizes = await measureDatabases(
      control,
      all.map(({ name }) => name),
    )
    for (const found of all) found.bytes = sizes.get(found.name) ?? null
    return view
  })
  if (at.pgbouncerUrl === null) return { ...databases, pgbouncer: null, pgbouncerProblem: null }
  try {
    const { paused } = await findPools(at.pgbouncerUrl, database)
    return { ...databases, pgbouncer: { paused: paused.length > 0 }, pgbouncerProblem: null }
  } catch (error) {
    return { ...databases, pgbouncer: null, pgbouncerProblem: messageOf(error) }
  }
}
