import { findRelease } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import { countOf, formatMs, formatTable } from '../render/format.ts'
import { verifyService } from '../verify/verify-service.ts'
import type { CommandInput, CommandResult } from './session.ts'
import { settleBake } from './settle-bake.ts'

/** Proves what serves now, and records the proof. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: true })
  if (session.configProblem) input.screen.warn(session.configProblem)
  const state = await session.state()
  const live = findRelease(state, state.live)
  if (live === null) throw new OperatorError('NOTHING_LIVE', { service: session.service })
  const launch = await session.store.launchRecord(session.service, live.id)
  const { windowMs } = session.configuration.verify
  input.screen.line(`Watching ${session.service} for ${formatMs(windowMs)} ...`, 'dim')
  const verification = await verifyService(session, {
    configuration: session.configuration,
    release: live.id,
    wanted: launch.runtime.instances,
    signal: new AbortController().signal,
  })
  const ports = { actor: session.actor, clock: session.clock, state }
  const data = { release: live.id, run: null, verification }
  await session.journal.append([eventOf(ports, 'VerificationRecorded', `release/${live.id}`, data)])

  const { screen } = input
  const marks = { passed: screen.paint('✓', 'green'), failed: screen.paint('✗', 'red'), unknown: '?' }
  const rows = verification.checks.map((check) => [
    check.name,
    check.ms === null ? '' : `${check.ms} ms`,
    check.evidence,
  ])
  const lines = formatTable(rows, screen.width - 4)
  screen.lines(lines.map((line, i) => `  ${marks[verification.checks[i]?.outcome ?? 'unknown']} ${line}`))
  const wrong = verification.checks.find(({ outcome }) => outcome === verification.outcome)
  const detail = wrong === undefined ? 'nothing was checked' : `${wrong.name}: ${wrong.evidence}`
  if (verification.outcome !== 'passed') {
    const code = verification.outcome === 'failed' ? 'NOT_WELL' : 'NOT_KNOWN'
    const error = new OperatorError(code, { detail })
    return { exit: error.exit, document: { verification }, error }
  }
  screen.line(
    `Passed: ${countOf(verification.rounds, 'round')} in ${formatMs(verification.windowMs)}.`,
    'green',
  )
  const baked = await settleBake(session)
  if (baked?.outcome === 'clean') screen.line(`${live.id} is proven: ${baked.evidence}.`, 'green')
  if (baked?.outcome === 'baking') screen.line(`${live.id} bakes for another ${formatMs(baked.remainingMs)}.`)
  if (baked?.outcome === 'finding') screen.line(`${live.id} is not proven: ${baked.detail}.`, 'yellow')
  return { exit: 0, document: { verification, bake: baked?.outcome ?? null } }
}
