import { databaseOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import { frozenLines } from '../render/restore-text.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Stops damage from spreading while a person thinks: reading goes on, nothing more is written. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { options, screen } = input
  const session = await input.open({ write: options.plan !== true })
  const { restoration } = databaseOf(session)
  const { database } = await restoration.observe()
  screen.line(`${database} becomes read-only: the service goes on reading, and every write fails.`)
  if (options.plan === true) return { exit: 0, document: { database } }
  await confirm(input, 'freeze', `Freeze writes to ${database}?`)
  const reason = typeof options.reason === 'string' ? options.reason : `frozen by ${session.actor}`
  const result = await withLease(input, session, 'freeze writes', async (lease) => {
    const frozen = await restoration.freezeWrites(reason)
    const ports = { actor: session.actor, clock: session.clock, state: await session.state() }
    await session.journal.append(
      [eventOf(ports, 'WritesFrozen', `service/${session.service}`, { reason })],
      lease,
    )
    return frozen
  })
  screen.lines(frozenLines(database, result, screen.width))
  screen.line('To let writes in again: lastgood restore --unfreeze', 'dim')
  return { exit: 0, document: { database, ...result } }
}
