import { fixForwardClock } from '../domain/fix-forward.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import { formatMs } from '../render/format.ts'
import { readDuration } from './read-duration.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** More time to mend what serves in place, from now on. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { options, args, screen } = input
  const ms = readDuration(args.time ?? '', 'extend')
  const { reason } = options
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new OperatorError('REASON_REQUIRED', {
      what: 'More time to fix forward',
      command: `extend ${args.time}`,
    })
  const session = await input.open({ write: true })
  const state = await session.state()
  const { live } = state
  const clock = fixForwardClock(state, session.configuration.watch.fixForwardMs)
  if (live === null || clock === null)
    throw new OperatorError('NOTHING_OPEN', { live: live ?? 'what serves', verb: 'extend' })
  const until = new Date(session.clock.now() + ms).toISOString()
  const ports = { actor: session.actor, clock: session.clock, state }
  await session.journal.append([
    eventOf(ports, 'FixForwardExtended', `release/${live}`, { release: live, until, reason }),
  ])
  screen.line(`${live} may be mended in place for another ${formatMs(ms)}, until ${until.slice(11, 16)} UTC.`)
  return { exit: 0, document: { release: live, until, before: clock.until } }
}
