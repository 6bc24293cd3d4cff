import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointId } from '../../domain/checkpoint.ts'
import type { Connection } from '../postgres/connection.ts'
import { withSession } from '../postgres/session.ts'
import { leftOverOf } from './checkpoint-paths.ts'
import { namesIn, syncFolder } from './records.ts'
import { isAbandonedClaim, isWriting, writerOf } from './writer.ts'

/** Half-written and half-removed checkpoints of processes that are gone. @returns their names */
export async function removeLeftOvers(folder: string, connection: Connection): Promise<string[]> {
  const removed: string[] = []
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    if (leftOverOf(name) !== null) {
      const writer = await writerOf(path)
      if (name.endsWith('.partial') && (await isWriting(writer))) continue
      if (writer !== null) await endDump(connection, writer.application)
    } else if (!isAbandonedClaim(name)) continue
    await removeFolder(path)
    removed.push(name)
  }
  return removed
}

/** Cut short in the middle it is not half a checkpoint: under its new name it is none. */
export async function removeCheckpoint(folder: string, id: CheckpointId): Promise<void> {
  const leaving = join(folder, `.${id}.removing`)
  await rename(join(folder, id), leaving)
  await syncFolder(folder)
  await removeFolder(leaving)
}

export async function removeFolder(path: string): Promise<void> {
  // Tried again for a while: what a killed run started may still be writing in it.
  await rm(path, { recursive: true, force: true, maxRetries: 5 })
}

/** A pg_dump outlives the lastgood that started it. Without its sessions it ends. */
async function endDump(connection: Connection, application: string): Promise<void> {
  // A server that is not there has no sessions either.
  await withSession(connection, 'end dump', (session) =>
    session.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      application,
    ]),
  ).catch(() => {})
}
