import type { Plan } from '../domain/plan.ts'
import type { ReleaseId } from '../domain/release.ts'
import { findRelease } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { formatMs } from '../render/format.ts'
import { verifyService } from '../verify/verify-service.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { settleBake } from './settle-bake.ts'

const LOOK_MS = 1_000

/**
 * Watches a new release until it is proven. The lease is not held: a rollback in another window must not have to wait. Ctrl-C
 * ends the watching, not the baking.
 */
export async function bake(input: CommandInput, session: Session, plan: Plan): Promise<CommandResult | null> {
  const { bakeMs } = session.configuration
  const later = provenLater(plan.to, session.clock.now() + bakeMs)
  if (input.options.wait === false) {
    input.screen.line(`${plan.to} bakes for ${formatMs(bakeMs)}; ${later}.`)
    return ended(plan, 'baking')
  }
  input.screen.line(`Baking for ${formatMs(bakeMs)}. Ctrl-C stops the watching, ${plan.to} serves on.`, 'dim')
  const abort = new AbortController()
  const stopListening = input.world.onInterrupt(() => abort.abort())
  try {
    return await watchBake(input, session, plan, abort.signal, later)
  } finally {
    stopListening()
  }
}

/** @param until epoch ms */
export function provenLater(release: ReleaseId, until: number): string {
  return `${release} is proven by \`lastgood verify\` after ${new Date(until).toISOString().slice(11, 16)} UTC`
}

async function watchBake(
  input: CommandInput,
  session: Session,
  plan: Plan,
  signal: AbortSignal,
  later: string,
): Promise<CommandResult> {
  let failedBefore = false
  while (!signal.aborted) {
    const state = await session.state()
    if (state.live !== plan.to) {
      input.screen.line(`${state.live} has taken over; ${plan.to} is not proven.`, 'yellow')
      return ended(plan, 'superseded')
    }
    const said = findRelease(state, plan.to)
    if (said?.bad) throw notProven(plan, `it was marked bad (${said.bad.reason})`)
    if (said?.proven) return ended(plan, 'proven')
    const detail = await failingCheck(session, plan)
    const judged = detail === null ? await settleBake(session, plan.to) : null
    if (judged?.outcome === 'clean') {
      input.screen.line(`${plan.to} is proven: ${judged.evidence}.`, 'green')
      return ended(plan, 'proven')
    }
    // One bad answer may be the network's; the same again a second later is the release's.
    const finding = judged?.outcome === 'finding' ? judged.detail : failedBefore ? detail : null
    failedBefore = detail !== null
    // While somebody moves the traffic, that this release has none is no finding: what becomes of it is theirs to say.
    if (finding !== null && !(await isInOtherHands(session, plan))) throw notProven(plan, finding)
    const restMs = judged?.outcome === 'baking' ? judged.remainingMs + 1 : LOOK_MS
    await session.clock.sleep(Math.min(LOOK_MS, restMs), signal)
  }
  input.screen.line(`Still baking; ${later}.`, 'yellow')
  return ended(plan, 'baking')
}

function notProven(plan: Plan, detail: string): OperatorError {
  return new OperatorError('NOT_PROVEN', { release: plan.to, detail })
}

async function isInOtherHands(session: Session, plan: Plan): Promise<boolean> {
  if ((await session.journal.current(session.service)) !== null) return true
  return (await session.state()).live !== plan.to
}

async function failingCheck(session: Session, plan: Plan): Promise<string | null> {
  const launch = await session.store.launchRecord(session.service, plan.to)
  const verify = { ...launch.configuration.verify, windowMs: 0 }
  const verification = await verifyService(session, {
    configuration: { ...launch.configuration, verify },
    release: plan.to,
    wanted: launch.runtime.instances,
    signal: new AbortController().signal,
  })
  const failed = verification.checks.find(({ outcome }) => outcome === 'failed')
  return failed === undefined ? null : `${failed.name}: ${failed.evidence}`
}

function ended(plan: Plan, bake: 'proven' | 'baking' | 'superseded'): CommandResult {
  return { exit: 0, document: { plan, run: plan.id, outcome: 'succeeded', bake } }
}
