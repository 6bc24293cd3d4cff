import type { Checkpoint } from '../domain/checkpoint.ts'
import { type Restore, type SwapResult, undoable, unfinishedOf } from '../domain/restore.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { DatabasePorts } from '../ports/database.ts'
import type { Lease } from '../ports/journal.ts'
import type { Restoration } from '../ports/restore.ts'
import {
  droppedLines,
  frozenLines,
  restoreListLines,
  restorePlanLines,
  swappedLines,
  unfrozenLine,
} from '../render/restore-text.ts'
import { verifyService } from '../verify/verify-service.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

const DAY_MS = 86_400_000

/** The database back to a checkpoint, or a restore taken back. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { options } = input
  const session = await input.open({ write: options.plan !== true && options.list !== true })
  const ports = databaseOf(session)
  if (options.list === true) return list(input, session, ports.restoration)
  if (options.prune === true) return dropExpired(input, session, ports.restoration)
  if (options.unfreeze === true) return unfreeze(input, session, ports.restoration)
  if (options.undo === true) return takeBack(input, session, ports.restoration)
  return restore(input, session, ports)
}

async function restore(input: CommandInput, session: Session, ports: DatabasePorts): Promise<CommandResult> {
  const { restoration, salvage } = ports
  const checkpoint = await chooseCheckpoint(input.args.checkpoint, ports, session.service)
  const freeze = input.options.freeze === true
  await restoration.checkBefore(checkpoint)
  const view = await restoration.observe()
  const unfinished = unfinishedOf(view, checkpoint.id)
  const order: Restore = unfinished ?? { id: idAt(session.clock.now()), checkpoint: checkpoint.id }
  const { database } = view
  const plan = {
    database,
    checkpoint,
    space: await restoration.checkSpace(checkpoint),
    // Where there is no database any more, nothing was written to it either.
    written: view.live === null ? null : await salvage.countSince(checkpoint),
    freeze,
    continues: unfinished !== null,
    keepDays: (session.configuration.database?.keepDamagedMs ?? 0) / DAY_MS,
  }
  input.screen.lines(restorePlanLines(plan, session.clock.now(), input.screen.width))
  const { space, written } = plan
  const document = { restore: order, space, written }
  if (input.options.plan === true) return { exit: 0, document }
  await confirm(input, 'restore', `Restore ${database} from ${checkpoint.id}?`)

  const swapped = await withLease(input, session, `restore ${checkpoint.id}`, async (lease, signal) => {
    const result = await carryOut(input, restoration, order, checkpoint, { freeze, signal })
    await record(session, lease, 'DatabaseSwapped', order, result)
    return result
  })
  input.screen.lines(swappedLines(database, swapped))
  return afterSwap(input, session, { ...document, swapped })
}

/** Whether the service is well with it: its connections were ended, so it has to have come back by itself. */
async function afterSwap(
  input: CommandInput,
  session: Session,
  document: Record<string, unknown>,
): Promise<CommandResult> {
  const state = await session.state()
  if (state.live === null) return { exit: 0, document }
  const { runtime, configuration } = await session.store.launchRecord(session.service, state.live)
  const verification = await verifyService(session, {
    configuration,
    release: state.live,
    wanted: runtime.instances,
    signal: new AbortController().signal,
  })
  const { actor, clock } = session
  const data = { release: state.live, run: null, verification }
  const event = eventOf({ actor, clock, state }, 'VerificationRecorded', `release/${state.live}`, data)
  await session.journal.append([event])
  const wrong = verification.checks.find(({ outcome }) => outcome !== 'passed')
  if (wrong === undefined) {
    input.screen.line(`${session.service} passed its checks with it.`, 'green')
    return { exit: 0, document: { ...document, verification } }
  }
  const detail = `${wrong.name}: ${wrong.evidence}`
  const error = new OperatorError('RESTORED_NOT_WELL', { detail })
  return { exit: error.exit, document: { ...document, verification }, error }
}

/** Before the swap a failure takes everything away again; the swap puts itself back. */
async function carryOut(
  { screen }: CommandInput,
  restoration: Restoration,
  order: Restore,
  checkpoint: Checkpoint,
  { freeze, signal }: { freeze: boolean; signal: AbortSignal },
): Promise<SwapResult> {
  const { database } = await restoration.observe()
  try {
    if (freeze)
      screen.lines(frozenLines(database, await restoration.freezeWrites(`restore ${order.id}`), screen.width))
    await restoration.buildBeside(order, checkpoint, signal)
    screen.line(`Built beside ${database}.`)
    signal.throwIfAborted()
    const { tables, rows } = await restoration.verifyBeside(order, checkpoint)
    screen.line(`Compared with ${checkpoint.id}: ${tables} tables, ${rows} rows, all equal.`)
    signal.throwIfAborted()
    await restoration.carryOver(order, checkpoint)
    signal.throwIfAborted()
    return await restoration.swap(order)
  } catch (error) {
    await restoration.dropBeside(order).catch(() => {})
    if (freeze) await restoration.unfreezeWrites().catch(() => {})
    throw error
  }
}

async function takeBack(
  input: CommandInput,
  session: Session,
  restoration: Restoration,
): Promise<CommandResult> {
  const view = await restoration.observe()
  const order = undoable(view)
  const { database } = view
  if (order === null)
    throw new OperatorError('NOTHING_TO_UNDO', { database, detail: 'no database that it replaced is kept' })
  input.screen.line(`Take restore ${order.id} of ${database} back: what it replaced serves again.`)
  if (input.options.plan === true) return { exit: 0, document: { restore: order } }
  await confirm(input, 'restore --undo', `Take restore ${order.id} back?`)
  const swapped = await withLease(input, session, `restore --undo ${order.id}`, async (lease) => {
    const result = await restoration.undoSwap(order)
    await record(session, lease, 'DatabaseSwappedBack', order, result)
    return result
  })
  input.screen.lines(swappedLines(database, swapped))
  return afterSwap(input, session, { restore: order, swapped })
}

async function record(
  session: Session,
  lease: Lease,
  type: 'DatabaseSwapped' | 'DatabaseSwappedBack',
  order: Restore,
  { kept, keptUntil, unavailableMs }: SwapResult,
): Promise<void> {
  const { actor, clock } = session
  const ports = { actor, clock, state: await session.state() }
  const facts = { restore: order.id, checkpoint: order.checkpoint, unavailableMs }
  const subject = `restore/${order.id}`
  const event =
    type === 'DatabaseSwapped'
      ? eventOf(ports, type, subject, { ...facts, kept, keptUntil })
      : eventOf(ports, type, subject, facts)
  await session.journal.append([event], lease)
}

async function list(input: CommandInput, session: Session, restoration: Restoration): Promise<CommandResult> {
  const view = await restoration.observe()
  input.screen.lines(restoreListLines(view, session.clock.now(), input.screen.width))
  return { exit: 0, document: { view } }
}

async function unfreeze(
  input: CommandInput,
  session: Session,
  restoration: Restoration,
): Promise<CommandResult> {
  const result = await withLease(input, session, 'unfreeze writes', () => restoration.unfreezeWrites())
  input.screen.line(unfrozenLine(result.unfrozen))
  return { exit: 0, document: result }
}

async function dropExpired(
  input: CommandInput,
  session: Session,
  restoration: Restoration,
): Promise<CommandResult> {
  const dropped = await withLease(input, session, 'drop expired databases', () =>
    restoration.dropExpired(session.clock.now()),
  )
  input.screen.lines(droppedLines(dropped))
  return { exit: 0, document: { ...dropped } }
}

async function chooseCheckpoint(
  name: string | undefined,
  { checkpoints }: DatabasePorts,
  service: string,
): Promise<Checkpoint> {
  if (name !== undefined) return checkpoints.get(name)
  const newest = await checkpoints.newestGood()
  if (newest !== null) return newest
  throw new OperatorError('UNKNOWN_CHECKPOINT', { name: 'that is whole', service, known: 'none' })
}

/** In UTC: `20261123180402`. */
function idAt(now: number): string {
  return new Date(now).toISOString().replace(/\D/g, '').slice(0, 14)
}
