import { nextFindingId } from '../domain/finding.ts'
import { findRelease } from '../domain/service-state.ts'
import { FLAGS, type Flag } from '../domain/trigger.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { CommandInput, CommandResult } from './session.ts'
import { watchLeaseName } from './watch-lease.ts'

/** A person's word is a finding like any other: the watcher decides on it within a second. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { args, screen } = input
  const trigger = FLAGS.find((flag): flag is Flag => flag === args.what)
  if (trigger === undefined) {
    const detail = `What is seen is one of ${FLAGS.join(', ')}, not ${JSON.stringify(args.what ?? '')}.`
    throw new OperatorError('USAGE', { detail, command: 'flag' })
  }
  const saw = (args.saw ?? '').trim()
  if (saw === '') {
    const detail = 'Say what you saw, in quotes, as the second word.'
    throw new OperatorError('USAGE', { detail, command: 'flag' })
  }
  const session = await input.open({ write: true })
  const state = await session.state()
  const live = findRelease(state, state.live)
  if (live === null) throw new OperatorError('NOTHING_LIVE', { service: session.service })
  const id = nextFindingId(state.findings)
  const finding = {
    id,
    release: live.id,
    trigger,
    key: id,
    summary: `${session.actor} saw ${trigger}: ${saw}`,
    evidence: {},
    // Somebody has looked: it is never only written down.
    mode: session.configuration.watch.triggers[trigger] === 'act' ? ('act' as const) : ('ask' as const),
    since: new Date(session.clock.now()).toISOString(),
    course: null,
  }
  const ports = { actor: session.actor, clock: session.clock, state }
  await session.journal.append([eventOf(ports, 'FindingRecorded', `release/${live.id}`, { finding })])
  screen.line(`${id} against ${live.id}, ${trigger}: ${saw}`, 'bold')
  if (trigger === 'corruption' && session.database !== null)
    screen.line('To stop it from spreading, writes can be frozen now: lastgood freeze')
  const watched = await session.journal.current(watchLeaseName(session.service))
  screen.line(
    watched === null
      ? 'Nobody watches, so nothing follows by itself: lastgood rollback, or lastgood watch.'
      : `${watched.holder} watches, and decides on it now: lastgood status.`,
  )
  screen.line(`When it was nothing: lastgood cancel ${id} --reason "..."`, 'dim')
  return { exit: 0, document: { finding, watched } }
}
