import { type Checkpoint, type CheckpointId, nextCheckpointId } from '../../domain/checkpoint.ts'
import { checkpointsToRetire, isGoodCheckpoint } from '../../domain/checkpoint-retention.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Checkpoints } from '../../ports/checkpoints.ts'
import { type Connection, onDatabase, parseConnection } from '../postgres/connection.ts'
import { withMaintenance } from '../postgres/maintenance.ts'
import { dropStrayScratch } from '../postgres/scratch-database.ts'
import { checkpointFolder } from './checkpoint-paths.ts'
import { createCheckpoint } from './create-checkpoint.ts'
import { findProblems } from './find-problems.ts'
import { removeCheckpoint, removeLeftOvers } from './left-overs.ts'
import { lookAhead } from './look-ahead.ts'
import type { CheckpointParts } from './parts.ts'
import { listCheckpoints, readKept, usedIds, writeVerification } from './records.ts'
import { TRIAL } from './trial-database.ts'
import { verifyCheckpoint } from './verify-checkpoint.ts'

/** Checkpoints as folders: `<folder>/<c1>/`, with the dump and its record. */
export function createCheckpoints(parts: CheckpointParts): Checkpoints {
  const { folder, service } = parts
  const list = () => listCheckpoints(folder)
  const planPrune = async (needed: readonly ReleaseId[]) =>
    checkpointsToRetire(await list(), parts.rule, needed, parts.clock.now())
  return {
    nextId: async () => nextCheckpointId(await usedIds(folder)),
    create: (request) => createCheckpoint(parts, connectionOf(parts), request),
    templateOutlook: () => lookAhead(parts, connectionOf(parts)),
    list,
    get: (id) => getCheckpoint(parts, id),
    newestGood: async () => (await list()).findLast(isGoodCheckpoint)?.checkpoint ?? null,
    folderOf: (id) => checkpointFolder(folder, service, id),
    checkFiles: async (id) => findProblems(parts, connectionOf(parts), await getCheckpoint(parts, id)),
    verify: async (id, options) =>
      verifyCheckpoint(parts, connectionOf(parts), await getCheckpoint(parts, id), options),
    noteTrial: (verification) =>
      writeVerification(checkpointFolder(folder, service, verification.checkpoint), verification),
    planPrune,
    async prune(needed) {
      const connection = connectionOf(parts)
      const folders = await removeLeftOvers(folder, connection)
      const databases = await withMaintenance(connection, 'prune', (session) =>
        dropStrayScratch(session, TRIAL, service),
      )
      const removed = await planPrune(needed)
      for (const { id } of removed) {
        await removeCheckpoint(folder, id, connection)
        parts.crash('checkpoint-prune/removed')
      }
      return { removed, leftOvers: [...folders, ...databases] }
    },
  }
}

/** As the role that may read everything and create databases, on the service's database. */
function connectionOf({ url, adminUrl }: CheckpointParts): Connection {
  const { database } = parseConnection(url)
  return onDatabase(parseConnection(adminUrl ?? url), database)
}

async function getCheckpoint({ folder, service }: CheckpointParts, id: CheckpointId): Promise<Checkpoint> {
  checkpointFolder(folder, service, id)
  const known = (await listCheckpoints(folder)).map((kept) => kept.id)
  if (!known.includes(id)) {
    const names = known.length === 0 ? 'none' : known.join(', ')
    throw new OperatorError('UNKNOWN_CHECKPOINT', { name: id, service, known: names })
  }
  const kept = await readKept(folder, id)
  if (kept.readable) return kept.checkpoint
  throw new OperatorError('CHECKPOINT_DAMAGED', { checkpoint: id, detail: kept.problem })
}
