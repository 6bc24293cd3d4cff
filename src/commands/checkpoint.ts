import { type Checkpoint, type KeptCheckpoint, kindOf, rowsIn } from '../domain/checkpoint.ts'
import { neededReleases } from '../domain/checkpoint-retention.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { checkpointLines, pruneLines, verificationLines } from '../render/checkpoint-text.ts'
import { create } from './create-checkpoint.ts'
import { confirm } from './plan-and-run.ts'
import { takeLease } from './run-plan.ts'
import type { CommandInput, CommandResult } from './session.ts'
import { untilInterrupted } from './until-interrupted.ts'

const ACTIONS: Record<string, (input: CommandInput) => Promise<CommandResult>> = {
  create,
  list,
  verify,
  prune,
}

/** Copies of the database to go back to: `lastgood checkpoint create|list|verify|prune`. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const action = ACTIONS[input.args.action ?? '']
  if (action !== undefined) return action(input)
  const detail = `A checkpoint can be: ${Object.keys(ACTIONS).join(', ')}; not ${input.args.action ?? 'nothing'}.`
  throw new OperatorError('USAGE', { detail, command: 'checkpoint' })
}

async function list(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const kept = await databaseOf(session).checkpoints.list()
  input.screen.lines(checkpointLines(kept, session.clock.now(), input.screen.width))
  return { exit: 0, document: { service: session.service, checkpoints: kept.map(summary) } }
}

/** For real: into a database of its own, which is dropped afterwards. */
async function verify(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const { checkpoints } = databaseOf(session)
  const named = input.args.checkpoint
  const newest = named === undefined ? (await checkpoints.list()).at(-1)?.id : named
  if (newest === undefined)
    throw new OperatorError('UNKNOWN_CHECKPOINT', {
      name: 'to verify',
      service: session.service,
      known: 'none',
    })
  const checkpoint = await checkpoints.get(newest)
  const verification = await untilInterrupted(input, (signal) => checkpoints.verify(newest, { signal }))
  const lines = verificationLines(verification, checkpoint)
  if (verification.ok) {
    input.screen.lines(lines)
    return { exit: 0, document: { verification } }
  }
  const detail = verification.differences[0] ?? 'it differs'
  const error = new OperatorError(
    // Without a restore it was the files.
    verification.restoreMs === 0 ? 'CHECKPOINT_DAMAGED' : 'CHECKPOINT_NOT_GOOD',
    { checkpoint: newest, detail },
    { details: verification.differences },
  )
  return { exit: error.exit, document: { verification }, error }
}

async function prune(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: input.options.plan !== true })
  const { checkpoints } = databaseOf(session)
  const needed = neededReleases(await session.state())
  const planned = await checkpoints.planPrune(needed)
  input.screen.lines(pruneLines(planned, []))
  if (input.options.plan === true) return { exit: 0, document: { removed: planned } }
  if (planned.length > 0) await confirm(input, 'checkpoint prune', 'Remove them?')
  // A restore reads the one that it restores for minutes.
  const lease = await takeLease(session, 'prune checkpoints')
  try {
    const pruned = await checkpoints.prune(needed)
    const { removed } = pruned
    const leftOvers = [...pruned.leftOvers, ...(await databaseOf(session).trials.dropStrays())]
    if (leftOvers.length > 0) input.screen.lines(pruneLines([], leftOvers))
    return { exit: 0, document: { removed, leftOvers } }
  } finally {
    await session.journal.release(lease)
  }
}

function summary(kept: KeptCheckpoint): Record<string, unknown> {
  if (!kept.readable) return { id: kept.id, problem: kept.problem }
  const { checkpoint, verification } = kept
  const { id, createdAt, release, migrations, bytes, ms, reason, content }: Checkpoint = checkpoint
  const counts = { tables: content.tables.length, rows: rowsIn(content) }
  const kind = kindOf(checkpoint)
  return { id, kind, createdAt, release, migrations, bytes, ms, reason, ...counts, verification }
}
