import { type Checkpoint, checkpointFacts } from '../domain/checkpoint.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { appliedNow, databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { TemplateRequest } from '../ports/checkpoints.ts'
import type { Session } from './session.ts'

/** Of the database as it is now, and the journal knows of it. */
export async function takeCheckpoint(
  session: Session,
  request: { reason: string; template: TemplateRequest | null; signal: AbortSignal },
): Promise<Checkpoint> {
  const state = await session.state()
  const migrations = await namesApplied(session, state)
  const { checkpoints } = databaseOf(session)
  const checkpoint = await checkpoints.create({ id: null, release: state.live, migrations, ...request })
  const { actor, clock } = session
  const facts = checkpointFacts(checkpoint)
  const subject = `checkpoint/${checkpoint.id}`
  await session.journal.append([eventOf({ actor, clock, state }, 'CheckpointCreated', subject, facts)])
  return checkpoint
}

async function namesApplied(session: Session, state: ServiceState): Promise<string[] | null> {
  if (state.live === null) return null
  const applied = await appliedNow({ ...session, state }, state.live)
  return applied?.map(({ name }) => name) ?? null
}
