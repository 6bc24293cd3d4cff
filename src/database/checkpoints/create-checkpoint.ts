import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Checkpoint, type CheckpointId, nextCheckpointId } from '../../domain/checkpoint.ts'
import { templateName } from '../../domain/database-name.ts'
import { OperatorError, systemCode } from '../../errors/operator-error.ts'
import type { CreateCheckpoint } from '../../ports/checkpoints.ts'
import { DUMP_FOLDER, describeDump } from '../postgres/check-dump.ts'
import { findClientProgram } from '../postgres/client-programs.ts'
import type { Connection } from '../postgres/connection.ts'
import { readDatabaseProperties } from '../postgres/database-properties.ts'
import { withPatience } from '../postgres/maintenance.ts'
import { readServerFacts } from '../postgres/server-facts.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import { checkpointFolder, partialFolder, WRITER } from './checkpoint-paths.ts'
import { dumpDatabase } from './dump-database.ts'
import { removeLeftOvers, removeWhatIsLeft } from './left-overs.ts'
import type { CheckpointParts } from './parts.ts'
import { readKept, syncFolder, usedIds, writeLastId, writeRecord } from './records.ts'
import { requireServerSpace, requireSpace } from './require-space.ts'
import { takeTemplate } from './take-template.ts'
import type { Taken } from './taken.ts'
import { claimFolder, type Writer } from './writer.ts'

export async function createCheckpoint(
  parts: CheckpointParts,
  connection: Connection,
  request: CreateCheckpoint,
): Promise<Checkpoint> {
  const there = request.id === null ? null : await existing(parts, request.id)
  if (there !== null) return there
  return withPatience(connection, 'checkpoint', async (session) => {
    await session.query(`SET lock_timeout = '30s'`)
    // Everything that can be wrong is asked before a folder is made.
    const { major, version } = await readServerFacts(session)
    const program = request.template === null ? await findClientProgram('pg_dump', major, parts.env) : null
    await makeFolder(parts.folder)
    await removeLeftOvers(parts.folder, connection)
    await (program === null ? requireServerSpace(parts, session) : requireSpace(parts, session))
    const id = request.id ?? nextCheckpointId(await usedIds(parts.folder))
    return write(parts, session, { ...request, id, program, version })
  })
}

async function existing({ folder, service }: CheckpointParts, id: CheckpointId): Promise<Checkpoint | null> {
  checkpointFolder(folder, service, id)
  const kept = await readKept(folder, id)
  return kept.readable ? kept.checkpoint : null
}

interface Write extends CreateCheckpoint {
  id: CheckpointId
  /** pg_dump; null: the server copies it. */
  program: string | null
  version: number
}

async function write(parts: CheckpointParts, session: DatabaseSession, request: Write): Promise<Checkpoint> {
  const { folder, service, crash } = parts
  const { id, release, migrations, version, reason } = request
  const { database } = session.connection
  const started = performance.now()
  const createdAt = new Date(parts.clock.now()).toISOString()
  const partial = partialFolder(folder, service, id)
  const nameTemplate = (token: string) => templateName(database, id, token)
  const writer = await claimFolder(folder, partial, id, request.template === null ? null : nameTemplate)
  if (writer === null) throw new OperatorError('CHECKPOINT_RUNNING', { checkpoint: id, service })
  try {
    await writeLastId(folder, id)
    crash('checkpoint/claimed')
    const properties = await readDatabaseProperties(session)
    const taken = await take(parts, session, request, { partial, writer, owner: properties.owner })
    const checkpoint: Checkpoint = {
      id,
      service,
      database,
      createdAt,
      release,
      migrations,
      serverVersion: version,
      ...taken,
      properties,
      ms: Math.round(performance.now() - started),
      reason,
    }
    await writeRecord(partial, checkpoint)
    crash('checkpoint/recorded')
    const whole = checkpointFolder(folder, service, id)
    await rename(partial, whole)
    await syncFolder(folder)
    crash('checkpoint/renamed')
    await rm(join(whole, WRITER), { force: true })
    return checkpoint
  } catch (error) {
    // What cannot be removed now is found by the next one, by its folder; the reason why we are here is worth more.
    await removeWhatIsLeft(partial, id, writer, session.connection).catch(() => {})
    throw spaceError(error, folder)
  }
}

async function take(
  parts: CheckpointParts,
  session: DatabaseSession,
  { id, program, template, signal }: Write,
  { partial, writer, owner }: { partial: string; writer: Writer; owner: string },
): Promise<Taken> {
  if (template !== null && writer.template !== null) {
    const made = { ...writer, template: writer.template }
    return takeTemplate(parts, session, { ...template, id, writer: made, owner, signal })
  }
  if (program === null) throw new OperatorError('INTERNAL', { detail: 'a dump without a program' })
  const { application } = writer
  const dump = await dumpDatabase(parts, session, { program, into: partial, application, signal })
  parts.crash('checkpoint/dumped')
  const files = await describeDump(partial)
  for (const { name } of files) await chmod(join(partial, name), 0o600)
  await syncFolder(join(partial, DUMP_FOLDER))
  return { ...dump, files, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0), template: null }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // It may be older than we are, and what is in it is every row of the database.
    await chmod(folder, 0o700)
  } catch (error) {
    const code = systemCode(error)
    if (code === null) throw error
    throw new OperatorError('HOME_READ_ONLY', { path: folder, detail: code }, { cause: error })
  }
}

function spaceError(error: unknown, path: string): unknown {
  if (systemCode(error) !== 'ENOSPC') return error
  return new OperatorError('DISK_FULL', { what: 'the checkpoint', path }, { cause: error })
}
