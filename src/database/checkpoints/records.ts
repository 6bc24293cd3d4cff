import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  type Checkpoint,
  type CheckpointId,
  type CheckpointVerification,
  checkpointNumber,
  isCheckpointId,
  type KeptCheckpoint,
} from '../../domain/checkpoint.ts'
import { messageOf, systemCode } from '../../errors/operator-error.ts'
import { LAST_ID, leftOverOf, RECORD, VERIFICATION } from './checkpoint-paths.ts'

/** Oldest first. */
export async function listCheckpoints(folder: string): Promise<KeptCheckpoint[]> {
  const ids = (await namesIn(folder)).filter(isCheckpointId)
  ids.sort((a, b) => checkpointNumber(a) - checkpointNumber(b))
  return Promise.all(ids.map((id) => readKept(folder, id)))
}

export async function readKept(folder: string, id: CheckpointId): Promise<KeptCheckpoint> {
  try {
    const checkpoint = parseCheckpoint(await readFile(join(folder, id, RECORD), 'utf8'), id)
    return { id, readable: true, checkpoint, verification: await readVerification(join(folder, id)) }
  } catch (error) {
    return { id, readable: false, problem: `its record cannot be read (${messageOf(error)})` }
  }
}

/** The database that belongs to what is in this folder, whole or half removed; null: there is none, or no record says so. */
export async function templateIn(path: string): Promise<string | null> {
  const text = await readFile(join(path, RECORD), 'utf8').catch(() => null)
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    const template = isObject(value) ? value.template : null
    return isObject(template) && typeof template.database === 'string' ? template.database : null
  } catch {
    return null
  }
}

/** Every id there is any trace of. */
export async function usedIds(folder: string): Promise<CheckpointId[]> {
  const names = await namesIn(folder)
  const last = await readFile(join(folder, LAST_ID), 'utf8').catch(() => '')
  const traces = names.map((name) => leftOverOf(name) ?? name)
  return [...traces, last.trim()].filter(isCheckpointId)
}

export function writeLastId(folder: string, id: CheckpointId): Promise<void> {
  return writeDurably(join(folder, LAST_ID), `${id}\n`)
}

export function writeRecord(partial: string, checkpoint: Checkpoint): Promise<void> {
  return writeDurably(join(partial, RECORD), `${JSON.stringify(checkpoint, null, 1)}\n`)
}

export function writeVerification(folder: string, verification: CheckpointVerification): Promise<void> {
  return writeDurably(join(folder, VERIFICATION), `${JSON.stringify(verification, null, 1)}\n`)
}

/** The whole text or nothing, also when the power goes. */
export async function writeDurably(path: string, text: string): Promise<void> {
  // Two may write the same at once: the last one's is kept, whole.
  const beside = `${path}.writing-${randomBytes(4).toString('hex')}`
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    // Nobody made a checkpoint yet. Any other error must not look like that.
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}

/** One that cannot be read is none: the trial can be made again. */
async function readVerification(folder: string): Promise<CheckpointVerification | null> {
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, VERIFICATION), 'utf8'))
    return isObject(value) && typeof value.ok === 'boolean'
      ? (value as unknown as CheckpointVerification)
      : null
  } catch {
    return null
  }
}

/** We wrote it; what may have happened since is that it was cut off, or moved under another name. */
function parseCheckpoint(text: string, id: CheckpointId): Checkpoint {
  const value: unknown = JSON.parse(text)
  const whole =
    isObject(value) && Array.isArray(value.files) && isObject(value.content) && isObject(value.properties)
  if (!whole) throw new Error('it is not whole')
  if (value.id !== id) throw new Error(`it is of ${String(value.id)}`)
  // Before there were templates, every one was a dump.
  return { template: null, ...value } as unknown as Checkpoint
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
