import { kindOf } from '../../domain/checkpoint.ts'
import { isGoodCheckpoint } from '../../domain/checkpoint-retention.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { formatBytes, freeSpaceOf, freeSpaceOfServer } from '../postgres/free-space.ts'
import { databaseBytes } from '../postgres/server-facts.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import type { CheckpointParts } from './parts.ts'
import { listCheckpoints } from './records.ts'

/** The record, and what the estimate is wrong by. */
const ROOM = 16_000_000
const MARGIN = 1.3
/** Of a database nothing is known of: its indexes are not dumped, and rows compress to a third and less. */
const USUAL_SHARE = 0.5

/** @throws OperatorError CHECKPOINT_NO_SPACE */
export async function requireSpace(parts: CheckpointParts, session: DatabaseSession): Promise<void> {
  const needed = await estimate(parts, session)
  const free = await (parts.freeSpace ?? freeSpaceOf)(parts.folder)
  if (free.bytes >= needed) return
  throw new OperatorError('CHECKPOINT_NO_SPACE', {
    needed: formatBytes(needed),
    path: free.path,
    free: formatBytes(free.bytes),
  })
}

/** A copy takes what its original takes. @throws OperatorError DB_NO_SPACE */
export async function requireServerSpace(parts: CheckpointParts, session: DatabaseSession): Promise<void> {
  const needed = (await databaseBytes(session, session.connection.database)) + ROOM
  const free = await (parts.freeSpaceOfServer ?? freeSpaceOfServer)(session)
  if (free === null || free.bytes >= needed) return
  throw new OperatorError('DB_NO_SPACE', {
    needed: formatBytes(needed),
    path: free.path,
    free: formatBytes(free.bytes),
  })
}

/** As well as the last one was compressed. Asked without a lock on any table: somebody may hold one for long. */
async function estimate({ folder }: CheckpointParts, session: DatabaseSession): Promise<number> {
  const bytes = await databaseBytes(session, session.connection.database)
  const dumps = (await listCheckpoints(folder)).filter(isGoodCheckpoint)
  const last = dumps.findLast(({ checkpoint }) => kindOf(checkpoint) === 'dump')?.checkpoint
  const before = last?.content.tables.reduce((sum, table) => sum + table.bytes, 0) ?? 0
  const share = last === undefined || before === 0 ? USUAL_SHARE : (last.bytes / before) * MARGIN
  return Math.ceil(bytes * Math.min(share, 1) + ROOM)
}
