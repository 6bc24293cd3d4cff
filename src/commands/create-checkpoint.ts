import { type Checkpoint, checkpointFacts } from '../domain/checkpoint.ts'
import { parseDuration } from '../domain/duration.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { estimateHold } from '../planner/estimate.ts'
import type { TemplateRequest } from '../ports/checkpoints.ts'
import { checkpointPlanLines, createdLine, notDueLine, pruneLines } from '../render/checkpoint-text.ts'
import { scheduleOf, takeDueCheckpoint } from './due-checkpoint.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { takeCheckpoint } from './take-checkpoint.ts'
import { untilInterrupted } from './until-interrupted.ts'

/** A dump harms nobody, so nobody is asked: a schedule makes them too. A template may end sessions, and that is asked. */
export async function create(input: CommandInput): Promise<CommandResult> {
  const { options, screen } = input
  const session = await input.open({ write: options.plan !== true })
  const { checkpoints } = databaseOf(session)
  if (options['if-due'] === true) return createIfDue(input, session)
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

/** For cron: it may come as often as it likes. */
async function createIfDue(input: CommandInput, session: Session): Promise<CommandResult> {
  const { options, screen } = input
  const schedule = await scheduleOf(session)
  if (schedule === null || options.template === true || options.pause !== undefined) {
    const detail =
      schedule === null
        ? '--if-due needs a schedule: database.checkpoints.every in the configuration.'
        : '--if-due takes a dump, so it does not go with --template.'
    throw new OperatorError('USAGE', { detail, command: 'checkpoint' })
  }
  if (options.plan === true) {
    screen.line(schedule.due ? 'A checkpoint is due: it would be taken now.' : notDueLine(schedule.nextAt))
    return { exit: 0, document: { ...schedule } }
  }
  const done = await untilInterrupted(input, (signal) => takeDueCheckpoint(session, signal))
  const { taken = null, nextAt = schedule.nextAt, removed = [] } = done ?? {}
  if (taken === null) screen.line(notDueLine(nextAt))
  else screen.line(createdLine(taken), 'green')
  if (removed.length > 0) screen.lines(pruneLines(removed, []))
  const facts = taken === null ? null : checkpointFacts(taken)
  return { exit: 0, document: { checkpoint: facts, nextAt, removed } }
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
