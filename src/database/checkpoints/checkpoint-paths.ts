import { join } from 'node:path'
import { type CheckpointId, isCheckpointId } from '../../domain/checkpoint.ts'
import { OperatorError } from '../../errors/operator-error.ts'

/** The only place where an id becomes a path, so it is checked here. */
export function checkpointFolder(folder: string, service: string, id: CheckpointId): string {
  requireId(id, service)
  return join(folder, id)
}

/** Written here, and renamed as a whole when all of it is there. */
export function partialFolder(folder: string, service: string, id: CheckpointId): string {
  requireId(id, service)
  return join(folder, `.${id}.partial`)
}

/** `.c7.partial` -> c7, else null. `.c7.removing` is the same on its way out. */
export function leftOverOf(name: string): CheckpointId | null {
  return /^\.(c\d+)\.(partial|removing)$/.exec(name)?.[1] ?? null
}

export const RECORD = 'checkpoint.json'
export const VERIFICATION = 'verification.json'
/** Highest number ever given, so that none is given twice when the newest are removed. */
export const LAST_ID = '.last-id'
/** In a partial folder: who writes it. */
export const WRITER = 'writer.json'

function requireId(id: string, service: string): void {
  if (!isCheckpointId(id))
    throw new OperatorError('UNKNOWN_CHECKPOINT', { name: id, service, known: 'c1, c2, ...' })
}
