import { findRelease } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import { requireRelease } from '../planner/choose-target.ts'
import { confirm } from './plan-and-run.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** A person's word on a release. It is an event like any other, with a name and a reason. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { mark: word, release: name } = input.args
  if (word !== 'bad' && word !== 'proven') {
    const detail = `A release is marked bad or proven, not ${word ?? 'nothing'}.`
    throw new OperatorError('USAGE', { detail, command: 'releases mark' })
  }
  const { reason } = input.options
  if (typeof reason !== 'string' || reason.trim() === '') {
    throw new OperatorError('REASON_REQUIRED', {
      what: `Marking a release ${word}`,
      command: `releases mark ${word} ${name ?? 'RELEASE'}`,
    })
  }
  const session = await input.open({ write: input.options.plan !== true })
  const state = await session.state()
  const found = requireRelease(state, name ?? '')
  if ('refused' in found) throw new OperatorError(found.refused.code, found.refused.params)
  const { release } = found
  if (word === 'proven' && release.retiredAt !== null) {
    const detail = 'its files were removed by retention'
    throw new OperatorError('RELEASE_FILES_GONE', {
      release: release.id,
      detail,
      ref: release.commit ?? release.ref,
    })
  }
  input.screen.line(`Mark ${release.id} ${word}: ${reason}`)
  if (input.options.plan === true) return { exit: 0, document: { release: release.id, mark: word, reason } }
  await confirm(input, 'releases mark', `Mark ${release.id} ${word}?`)

  const at = new Date(session.clock.now()).toISOString()
  const mark = { at, actor: session.actor, reason }
  const ports = { actor: session.actor, clock: session.clock, state }
  const subject = `release/${release.id}`
  await session.journal.append([
    word === 'bad'
      ? eventOf(ports, 'ReleaseMarkedBad', subject, { release: release.id, commit: release.commit, mark })
      : eventOf(ports, 'ReleaseMarkedProven', subject, { release: release.id, mark }),
  ])
  const marked = findRelease(await session.state(), release.id)
  return { exit: 0, document: { release: marked } }
}
