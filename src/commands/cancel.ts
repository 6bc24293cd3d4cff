import { openFindings } from '../domain/finding.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { openVerdict } from '../domain/verdict.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

/** Calls a verdict off, or says of a finding that it was nothing. With the lease: what is called off is not begun meanwhile. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { options, args, screen } = input
  const session = await input.open({ write: options.plan !== true })
  const what = choose(await session.state(), args.name ?? null)
  const { reason } = options
  if (typeof reason !== 'string' || reason.trim() === '')
    throw new OperatorError('REASON_REQUIRED', { what: `Calling ${what} off`, command: `cancel ${what}` })
  screen.line(`Call ${what} off: ${reason}`)
  if (options.plan === true) return { exit: 0, document: { cancelled: what, reason } }
  await confirm(input, 'cancel', `Call ${what} off?`)
  await withLease(input, session, `cancel ${what}`, async (lease) => {
    // Somebody may have been quicker while this was thought about.
    const state = await session.state()
    choose(state, what)
    await session.journal.append([eventFor(session, state, what, reason)], lease)
  })
  return { exit: 0, document: { cancelled: what, reason } }
}

function eventFor(session: Session, state: ServiceState, what: string, reason: string) {
  const { actor, clock } = session
  const subject = `release/${state.live}`
  return what.startsWith('v')
    ? eventOf({ actor, clock, state }, 'VerdictEnded', subject, { verdict: what, how: 'cancelled', reason })
    : eventOf({ actor, clock, state }, 'FindingCleared', subject, { finding: what, reason })
}

/** The verdict that stands, unless something else is named. */
function choose(state: ServiceState, name: string | null): string {
  const verdict = openVerdict(state.verdicts)
  const open = [
    ...(verdict === null ? [] : [verdict.id]),
    ...openFindings(state.findings, state.live).map(({ id }) => id),
  ]
  const [first] = open
  if (first === undefined)
    throw new OperatorError('NOTHING_OPEN', { live: state.live ?? 'what serves', verb: 'call off' })
  if (name === null) return first
  if (open.includes(name)) return name
  throw new OperatorError('UNKNOWN_FINDING', { name, service: state.service, known: open.join(', ') })
}
