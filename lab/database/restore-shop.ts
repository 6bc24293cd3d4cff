import type { RestorationParts } from '../../src/database/restore/restoration-parts.ts'
import type { Restore, SwapResult } from '../../src/domain/restore.ts'
import type { Restoration } from '../../src/ports/restore.ts'
import { systemClock } from '../../src/system/system-clock.ts'
import type { Shop } from './open-shop.ts'
import { restoreFrom, type TakenCheckpoint } from './take-checkpoint.ts'

/** What a restoration of the shop is made of. */
export function partsOf(
  shop: Shop,
  taken: TakenCheckpoint,
  changes: Partial<RestorationParts> = {},
): RestorationParts {
  return {
    database: { url: shop.url, adminUrl: shop.adminUrl, pgbouncer: null, keepDamagedMs: 86_400_000 },
    clock: systemClock,
    crash: () => {},
    restoreInto: restoreFrom(shop.adminUrl, taken.folder),
    ...changes,
  }
}

/** All but the swap. */
export async function prepareRestore(
  port: Restoration,
  { checkpoint }: TakenCheckpoint,
  id: string,
): Promise<Restore> {
  const restore = { id, checkpoint: checkpoint.id }
  await port.buildBeside(restore, checkpoint, new AbortController().signal)
  await port.verifyBeside(restore, checkpoint)
  await port.carryOver(restore, checkpoint)
  return restore
}

export async function restoreWhole(
  port: Restoration,
  taken: TakenCheckpoint,
  id: string,
): Promise<SwapResult> {
  return port.swap(await prepareRestore(port, taken, id))
}
