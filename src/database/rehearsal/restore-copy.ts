import type { Checkpoint } from '../../domain/checkpoint.ts'
import { isOperatorError } from '../../errors/operator-error.ts'
import { onDatabase } from '../postgres/connection.ts'
import { formatBytes, freeSpaceOfServer } from '../postgres/free-space.ts'
import { withPatience } from '../postgres/maintenance.ts'
import { restoreInto } from '../postgres/restore-into.ts'
import { bytesNeeded } from '../postgres/restore-requirements.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import { GENERATED_ROWS, generateRows } from './generate-rows.ts'
import type { RehearsalParts } from './parts.ts'
import { smallTables } from './small-tables.ts'

/** A migration that rewrites a table has both in hand for a moment. */
const ROOM_TO_WORK = 1.5

export interface RestoredCopy {
  kind: 'full' | 'schema-only'
  why: string | null
  /** Null: it was not restored whole. */
  restoreMs: number | null
}

/** All of it where it fits, else what is needed to try migrations on. */
export async function restoreCopy(
  parts: RehearsalParts,
  keeper: DatabaseSession,
  checkpoint: Checkpoint,
  name: string,
  options: { signal: AbortSignal; onCreated: () => Promise<void> },
): Promise<RestoredCopy> {
  const tooLarge = await whyTooLarge(parts, keeper, checkpoint)
  // A template is copied whole or not at all, and says itself that it does not fit.
  if (tooLarge !== null && checkpoint.template === null)
    return restoreSchema(parts, checkpoint, name, options, tooLarge)
  try {
    const { ms } = await restore(parts, checkpoint, name, options)
    return { kind: 'full', why: null, restoreMs: ms }
  } catch (error) {
    // Where nobody could say beforehand how much is free, the server itself says it now.
    const full = isOperatorError(error) && ['DB_NO_SPACE', 'DB_DISK_FULL'].includes(error.code)
    if (!full || checkpoint.template !== null) throw error
    return restoreSchema(
      parts,
      checkpoint,
      name,
      options,
      'a full copy does not fit on the disk of the server',
    )
  }
}

async function whyTooLarge(
  parts: RehearsalParts,
  keeper: DatabaseSession,
  checkpoint: Checkpoint,
): Promise<string | null> {
  const free = await (parts.freeSpace ?? freeSpaceOfServer)(keeper)
  const needed = bytesNeeded(checkpoint) * ROOM_TO_WORK
  if (free === null || free.bytes >= needed) return null
  return `a full copy needs ${formatBytes(needed)} and ${formatBytes(free.bytes)} are free`
}

async function restoreSchema(
  parts: RehearsalParts,
  checkpoint: Checkpoint,
  name: string,
  options: { signal: AbortSignal; onCreated: () => Promise<void> },
  tooLarge: string,
): Promise<RestoredCopy> {
  const small = smallTables(checkpoint.content)
  await restore(parts, checkpoint, name, { ...options, rowsOf: small })
  const { filled, empty } = await withPatience(onDatabase(parts.connection, name), 'rehearse', generateRows)
  const words = [
    `${tooLarge}: the rows of ${small.length} small tables`,
    `up to ${GENERATED_ROWS} generated rows in ${filled.length} others`,
    ...(empty.length === 0 ? [] : [`none in ${empty.join(', ')}`]),
  ]
  return { kind: 'schema-only', why: words.join(', '), restoreMs: null }
}

async function restore(
  { connection, folderOf, runner, env, jobs }: RehearsalParts,
  checkpoint: Checkpoint,
  name: string,
  options: Omit<Parameters<typeof restoreInto>[3], 'jobs'>,
): Promise<{ ms: number }> {
  return restoreInto({ connection, folder: folderOf(checkpoint.id), runner, env }, checkpoint, name, {
    jobs,
    ...options,
  })
}
