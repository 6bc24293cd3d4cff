import type { Checkpoint, RetiredCheckpoint } from '../domain/checkpoint.ts'
import { neededReleases } from '../domain/checkpoint-retention.ts'
import { type CheckpointSchedule, checkpointDue } from '../domain/checkpoint-schedule.ts'
import { isOperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { takeLease } from './run-plan.ts'
import type { Session } from './session.ts'
import { takeCheckpoint } from './take-checkpoint.ts'

export interface DueCheckpoint {
  /** Null: none was due. */
  taken: Checkpoint | null
  /** When the next one is. */
  nextAt: string
  /** What retention no longer keeps, now that there is another. */
  removed: RetiredCheckpoint[]
}

/** Null: no schedule is configured, or no database. */
export async function scheduleOf({
  configuration,
  database,
  clock,
}: Session): Promise<CheckpointSchedule | null> {
  const everyMs = configuration.database?.checkpoints.everyMs ?? null
  if (everyMs === null || database === null) return null
  return checkpointDue(await database.checkpoints.list(), everyMs, clock.now())
}

/**
 * The schedule's own work, for whoever comes by often enough: takes a dump when one is due, and makes room for it.
 * @throws OperatorError what taking one throws
 */
export async function takeDueCheckpoint(
  session: Session,
  signal = new AbortController().signal,
): Promise<DueCheckpoint | null> {
  const schedule = await scheduleOf(session)
  if (schedule === null) return null
  if (!schedule.due) return { taken: null, nextAt: schedule.nextAt, removed: [] }
  const taken = await takeCheckpoint(session, { reason: 'on schedule', template: null, signal })
  const after = await scheduleOf(session)
  return { taken, nextAt: after?.nextAt ?? schedule.nextAt, removed: await makeRoom(session) }
}

/** While somebody is at work on the service nothing is removed: it may be what he restores. The next time will do. */
async function makeRoom(session: Session): Promise<RetiredCheckpoint[]> {
  const lease = await takeLease(session, 'prune checkpoints').catch((error: unknown) => {
    if (isOperatorError(error) && error.code === 'LEASE_HELD') return null
    throw error
  })
  if (lease === null) return []
  try {
    const { removed } = await databaseOf(session).checkpoints.prune(neededReleases(await session.state()))
    return removed
  } finally {
    await session.journal.release(lease)
  }
}
