import type { Checkpoint } from '../../domain/checkpoint.ts'
import type { SpaceCheck } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { formatBytes, freeSpaceOfServer } from '../postgres/free-space.ts'
import { bytesNeeded } from '../postgres/restore-requirements.ts'
import type { RestorationParts, Workplace } from './restoration-parts.ts'

/** Beside means twice: what the tables and indexes took when the checkpoint was made must be free once more. */
export async function compareSpace(
  at: Workplace,
  { freeSpace = freeSpaceOfServer }: Pick<RestorationParts, 'freeSpace'>,
  checkpoint: Checkpoint,
): Promise<SpaceCheck> {
  const needed = bytesNeeded(checkpoint)
  const free = await withControl(at.places, 'check', freeSpace)
  if (free !== null && free.bytes < needed)
    throw new OperatorError('DB_NO_SPACE', {
      needed: formatBytes(needed),
      path: free.path,
      free: formatBytes(free.bytes),
    })
  return { neededBytes: needed, freeBytes: free?.bytes ?? null }
}
