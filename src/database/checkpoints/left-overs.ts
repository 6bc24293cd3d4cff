import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckpointId } from '../../domain/checkpoint.ts'
import { isTemplateOf } from '../../domain/database-name.ts'
import type { Connection } from '../postgres/connection.ts'
import { dropDatabase } from '../postgres/create-database.ts'
import { withMaintenance } from '../postgres/maintenance.ts'
import { withSession } from '../postgres/session.ts'
import { leftOverOf } from './checkpoint-paths.ts'
import { namesIn, syncFolder, templateIn } from './records.ts'
import { isAbandonedClaim, isWriting, type Writer, writerOf } from './writer.ts'

/** Half-written and half-removed checkpoints of processes that are gone. @returns their names */
export async function removeLeftOvers(folder: string, connection: Connection): Promise<string[]> {
  const removed: string[] = []
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    const id = leftOverOf(name)
    if (id !== null) {
      const writer = await writerOf(path)
      if (name.endsWith('.partial') && (await isWriting(writer))) continue
      await removeWhatIsLeft(path, id, writer, connection)
    } else if (isAbandonedClaim(name)) await removeFolder(path)
    else continue
    removed.push(name)
  }
  return removed
}

/** Cut short in the middle it is not half a checkpoint: under its new name it is none. */
export async function removeCheckpoint(
  folder: string,
  id: CheckpointId,
  connection: Connection,
): Promise<void> {
  const leaving = join(folder, `.${id}.removing`)
  await rename(join(folder, id), leaving)
  await syncFolder(folder)
  await removeWhatIsLeft(leaving, id, null, connection)
}

/** The folder last: without it nobody would know of the database. */
export async function removeWhatIsLeft(
  path: string,
  id: CheckpointId,
  writer: Writer | null,
  connection: Connection,
): Promise<void> {
  const template = writer?.template ?? (await templateIn(path))
  if (template !== null) await dropTemplate(connection, template, id, writer)
  else if (writer !== null) await endDump(connection, writer.application)
  await removeFolder(path)
}

async function removeFolder(path: string): Promise<void> {
  // Tried again for a while: what a killed run started may still be writing in it.
  await rm(path, { recursive: true, force: true, maxRetries: 5 })
}

/** A pg_dump outlives the lastgood that started it. Without its sessions it ends. */
async function endDump(connection: Connection, application: string): Promise<void> {
  // A server that is not there has no sessions either.
  await withSession(connection, 'end dump', (session) => session.query(END, [application])).catch(() => {})
}

/** The statement that copies outlives us as well, and its database is seen by nobody before it ends. */
async function dropTemplate(
  connection: Connection,
  name: string,
  id: CheckpointId,
  writer: Writer | null,
): Promise<void> {
  // A record that names another database has been changed: what it names is not ours to drop.
  if (!isTemplateOf(name, id)) return
  await withMaintenance(connection, 'drop template', async (session) => {
    const left = async () => writer !== null && (await session.query(END, [writer.application])).length > 0
    while (await left()) await session.query('SELECT pg_sleep(0.02)')
    await dropDatabase(session, name)
  })
}

const END = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
