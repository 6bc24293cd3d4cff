import { type Checkpoint, checkpointFacts } from '../domain/checkpoint.ts'
import { parseDuration } from '../domain/duration.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { appliedNow, databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import { estimateHold } from '../planner/estimate.ts'
import type { TemplateRequest } from '../ports/checkpoints.ts'
import { checkpointPlanLines, createdLine } from '../render/checkpoint-text.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { untilInterrupted } from './until-interrupted.ts'

/** A dump harms nobody, so nobody is asked: a schedule makes them too. A template may end sessions, and that is asked. */
export async function create(input: CommandInput): Promise<CommandResult> {
  const { options, screen } = input
  const session = await input.open({ write: options.plan !== true })
  const { checkpoints } = databaseOf(session)
  const template = templateIn(input)
  const hold = template === null ? null : estimateHold(await checkpoints.templateOutlook())
  if (options.plan === true) {
    const id = await checkpoints.nextId()
    const folder = checkpoints.folderOf(id)
    screen.lines(checkpointPlanLines(id, folder, hold, template?.pauseMs ?? null, screen.width))
    return { exit: 0, document: { checkpoint: id, folder, hold } }
  }
  const reason = typeof options.reason === 'string' ? options.reason : 'asked for'
  const take = (signal: AbortSignal) => takeCheckpoint(session, { reason, template, signal })
  const checkpoint = await carryOut(input, session, template, take)
  screen.line(createdLine(checkpoint), 'green')
  const folder = checkpoints.folderOf(checkpoint.id)
  return { exit: 0, document: { checkpoint: { ...checkpointFacts(checkpoint), folder } } }
}

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

/** Where sessions are ended, nobody deploys or restores meanwhile. */
async function carryOut(
  input: CommandInput,
  session: Session,
  template: TemplateRequest | null,
  take: (signal: AbortSignal) => Promise<Checkpoint>,
): Promise<Checkpoint> {
  if (template === null || template.pauseMs === null) return untilInterrupted(input, take)
  const { service } = session
  await confirm(
    input,
    'checkpoint create',
    `End the sessions of ${service}'s database, and let new ones wait?`,
  )
  return withLease(input, session, 'copy the database', (_, signal) => take(signal))
}

function templateIn({ options }: CommandInput): TemplateRequest | null {
  const { template, pause } = options
  if (pause === undefined) return template === true ? { pauseMs: null } : null
  const pauseMs = typeof pause === 'string' ? parseDuration(pause) : null
  if (template === true && pauseMs !== null && pauseMs > 0) return { pauseMs }
  const detail =
    template === true
      ? `--pause ${JSON.stringify(pause)} is no time such as 10s.`
      : '--pause goes with --template.'
  throw new OperatorError('USAGE', { detail, command: 'checkpoint' })
}

async function namesApplied(session: Session, state: ServiceState): Promise<string[] | null> {
  if (state.live === null) return null
  const applied = await appliedNow({ ...session, state }, state.live)
  return applied?.map(({ name }) => name) ?? null
}
