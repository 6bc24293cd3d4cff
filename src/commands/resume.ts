import { isShut } from '../domain/restore.ts'
import { unfinishedRun } from '../domain/service-state.ts'
import { endedBadly, requireRuntime } from './plan-and-run.ts'
import { runResume } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

/** Ends what was cut short, forwards or, with --put-back, backwards. Nothing to end is fine: then all is as it should be. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: true })
  await waitForLease(input, session)
  const state = await session.state()
  const unfinished = unfinishedRun(state)
  if (unfinished === null) {
    const { reopened } = await reopenDatabase(input, session)
    input.screen.line('There is nothing to resume: the last run has ended.')
    return { exit: 0, document: { outcome: 'nothing-to-resume', reopened } }
  }
  await requireRuntime(session)
  const { plan } = unfinished
  const wantPutBack = input.options['put-back'] === true
  const direction = wantPutBack || unfinished.puttingBack ? 'Putting back' : 'Resuming'
  input.screen.line(
    `${direction} the ${plan.verb} to ${plan.to} begun ${unfinished.startedAt} by ${unfinished.actor}.`,
  )
  if (input.options.plan === true) {
    const left = plan.steps.filter(({ id }) => unfinished.steps[id]?.status !== 'succeeded')
    input.screen.lines(left.map((step) => `  ${step.kind.padEnd(16)} ${step.why}`))
    return { exit: 0, document: { plan, left: left.map(({ id }) => id) } }
  }
  const outcome = await runResume(input, session, unfinished, wantPutBack)
  // Put back on purpose is what was asked for; put back because it failed is a failure.
  if (outcome.error !== null && !(outcome.status === 'put-back' && outcome.error.code === 'INTERRUPTED')) {
    return endedBadly(plan, outcome)
  }
  return { exit: 0, document: { plan, run: outcome.run.id, outcome: outcome.status } }
}

/** A `lastgood restore` that was killed in its swap is no run, and may have left a database that lets nobody in. */
async function reopenDatabase(input: CommandInput, session: Session): Promise<{ reopened: boolean }> {
  const { database } = session
  if (database === null || input.options.plan === true) return { reopened: false }
  // A database that cannot be asked is no reason to fail where there is nothing to do.
  const view = await database.restoration.observe().catch(() => null)
  if (view === null || !isShut(view)) return { reopened: false }
  const { reopened } = await database.restoration.reopen()
  input.screen.line(`${view.database} lets everybody in again: a swap had been cut short.`, 'green')
  return { reopened }
}

/** A process that was killed leaves its lease to expire; waiting for that is what the operator would do by hand. */
async function waitForLease(input: CommandInput, session: Session): Promise<void> {
  let said = false
  let lastBeat: string | null = null
  for (;;) {
    const held = await session.journal.current(session.service)
    if (held === null) return
    const leftMs = Date.parse(held.expiresAt) - session.clock.now()
    // Only a heartbeat that goes on tells that somebody is alive; one just before a kill is as young.
    lastBeat ??= held.heartbeatAt
    if (held.heartbeatAt !== lastBeat || leftMs <= 0) return
    if (!said) {
      const seconds = Math.ceil(leftMs / 1000)
      input.screen.line(
        `${held.holder} held the service (${held.reason}); if it is gone, that ends in ${seconds} s.`,
        'dim',
      )
      said = true
    }
    await session.clock.sleep(Math.min(500, leftMs + 20))
  }
}
