import { nextReleaseId } from '../domain/release.ts'
import { usedReleaseIds } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import { describeEvidence } from '../render/evidence-text.ts'
import { checksOf, runChecks } from '../verify/run-checks.ts'
import { confirm, requireRuntime } from './plan-and-run.ts'
import { requireClaim } from './register-service.ts'
import { takeLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'
import { writeRunbook } from './write-runbook.ts'

/** What serves now becomes the first release, without a restart: a way back from the first day. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: input.options.plan !== true, fresh: true })
  await requireRuntime(session)
  const state = await session.state()
  if (state.live !== null)
    throw new OperatorError('ALREADY_MANAGED', { service: session.service, live: state.live })
  const running = await session.runtime.inspectUnmanaged()
  if (running === null)
    throw new OperatorError('NOT_RUNNING', {
      claim: session.runtime.claim,
      list: session.runtime.hints.list,
    })
  const release = nextReleaseId(usedReleaseIds(state))
  const { directory, settings, env } = running
  input.screen.lines([
    `Adopt ${session.service} as ${release}, without a restart:`,
    ...(directory === null ? [] : [`  folder       ${directory}`]),
    `  runs         ${running.summary}`,
    `  environment  ${Object.keys(env).length} variables`,
  ])
  if (input.options.plan === true) return { exit: 0, document: { release, directory, settings } }
  await requireHealthy(session)
  await confirm(input, 'adopt', `Adopt it as ${release}?`)
  await requireClaim(session)

  const lease = await takeLease(session, `adopt ${release}`)
  const abort = new AbortController()
  const stopListening = input.world.onInterrupt(() => abort.abort())
  try {
    const request = { release, folder: directory, env, runtime: settings, signal: abort.signal }
    const { release: adopted, files, bytes, changes } = await session.adopt(request)
    const ports = { actor: session.actor, clock: session.clock, state }
    const at = new Date(session.clock.now()).toISOString()
    const reason = String(input.options.reason ?? 'it served, and passed its checks, when lastgood came')
    const mark = { at, actor: session.actor, reason }
    const subject = `release/${release}`
    const adoption = { release: adopted, files, bytes, unit: running.unit, directory: directory ?? '' }
    await session.journal.append(
      [
        eventOf(ports, 'ReleaseAdopted', subject, adoption),
        eventOf(ports, 'ReleaseWentLive', subject, { release, from: null, by: 'adopt' }),
        eventOf(ports, 'ReleaseMarkedProven', subject, { release, mark }),
      ],
      lease,
    )
    await writeRunbook(session, await session.state())
    const evidence = describeEvidence({ files, megabytes: Math.round(bytes / 1e6) })
    input.screen.line(
      `${release} is kept (${evidence}), and is the way back from whatever comes next.`,
      'green',
    )
    if (changes !== null && changes.length > 0) {
      input.screen.line(
        `  Its files differ from commit ${adopted.commit?.slice(0, 7)}; they were kept as they are:`,
        'yellow',
      )
      input.screen.lines(changes.slice(0, 10).map((line) => `    ${line}`))
    }
    return { exit: 0, document: { release: adopted, changes } }
  } finally {
    stopListening()
    await session.journal.release(lease)
  }
}

/** What is sick now is not taken as good. */
async function requireHealthy(session: Session): Promise<void> {
  const checks = checksOf(session.configuration)
  const results = await runChecks(session.prober, { url: session.configuration.url }, checks)
  const wrong = results.find(({ outcome }) => outcome !== 'passed')
  if (wrong === undefined) return
  const detail = `${wrong.name}: ${wrong.evidence}`
  throw new OperatorError(
    'VERIFICATION_FAILED_BEFORE',
    { detail },
    { details: results.map((r) => `${r.name}: ${r.evidence}`) },
  )
}
