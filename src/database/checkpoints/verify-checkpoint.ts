import type { Checkpoint, CheckpointVerification } from '../../domain/checkpoint.ts'
import { compareContent } from '../../domain/compare-content.ts'
import { isOperatorError } from '../../errors/operator-error.ts'
import { type Connection, onDatabase } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { dropDatabase } from '../postgres/create-database.ts'
import { readDatabaseProperties } from '../postgres/database-properties.ts'
import { withMaintenance, withPatience } from '../postgres/maintenance.ts'
import { restoreInto } from '../postgres/restore-into.ts'
import { dropStrayScratch, markScratch, scratchName } from '../postgres/scratch-database.ts'
import { type DatabaseSession, inTransaction } from '../postgres/session.ts'
import { checkpointFolder } from './checkpoint-paths.ts'
import { findProblems } from './find-problems.ts'
import type { CheckpointParts } from './parts.ts'
import { writeVerification } from './records.ts'
import { TRIAL } from './trial-database.ts'

type Trial = Pick<CheckpointVerification, 'differences' | 'restoreMs'>

/** Its files, and when they are whole a real restore. What keeps it from being tried is an error, and no verdict. */
export async function verifyCheckpoint(
  parts: CheckpointParts,
  connection: Connection,
  checkpoint: Checkpoint,
  options: { signal: AbortSignal; jobs?: number },
): Promise<CheckpointVerification> {
  const started = performance.now()
  const folder = checkpointFolder(parts.folder, parts.service, checkpoint.id)
  const problems = await findProblems(parts, connection, checkpoint)
  const trial =
    problems.length > 0
      ? { differences: problems, restoreMs: 0 }
      : await tryInTrialDatabase(parts, connection, folder, checkpoint, options)
  const verification: CheckpointVerification = {
    checkpoint: checkpoint.id,
    at: new Date(parts.clock.now()).toISOString(),
    ok: trial.differences.length === 0,
    ...trial,
    ms: Math.round(performance.now() - started),
  }
  await writeVerification(folder, verification)
  return verification
}

async function tryInTrialDatabase(
  parts: CheckpointParts,
  connection: Connection,
  folder: string,
  checkpoint: Checkpoint,
  { signal, jobs = parts.jobs }: { signal: AbortSignal; jobs?: number },
): Promise<Trial> {
  const name = scratchName(TRIAL, checkpoint.id)
  // This session carries the trial's name: as long as it is there, nobody takes the trial for a stray one.
  return withMaintenance(connection, name, async (keeper) => {
    await dropStrayScratch(keeper, TRIAL, parts.service)
    const onCreated = () => markCreated(parts, keeper, name)
    const { runner, env } = parts
    try {
      const options = { jobs, signal, onCreated, trustFiles: true }
      const { ms } = await restoreInto({ connection, folder, runner, env }, checkpoint, name, options)
      parts.crash('checkpoint-verify/restored')
      return { differences: await compare(onDatabase(connection, name), checkpoint), restoreMs: ms }
    } catch (error) {
      if (!isOperatorError(error) || error.code !== 'DB_RESTORE_FAILED') throw error
      return { differences: [error.message, ...error.details], restoreMs: 0 }
    } finally {
      await dropDatabase(keeper, name)
    }
  })
}

async function markCreated(parts: CheckpointParts, keeper: DatabaseSession, name: string): Promise<void> {
  parts.crash('checkpoint-verify/created')
  await markScratch(keeper, TRIAL, name, parts.service)
}

async function compare(trial: Connection, checkpoint: Checkpoint): Promise<string[]> {
  return withPatience(trial, 'verify checkpoint', async (session) => {
    const look = () => describeContent(session)
    const content = await inTransaction(session, look, 'ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const properties = await readDatabaseProperties(session)
    const alike = (['owner', 'encoding', 'collate', 'ctype', 'localeProvider', 'locale'] as const).filter(
      (property) => properties[property] !== checkpoint.properties[property],
    )
    return [
      ...compareContent(checkpoint.content, content, { reparsed: true }),
      ...alike.map((name) => `${name} is ${properties[name]}, not ${checkpoint.properties[name]}`),
    ]
  })
}
