import { randomUUID } from 'node:crypto'
import type { Plan } from '../domain/plan.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { RunOutcome } from '../executor/execution.ts'
import type { PlanningInput } from '../planner/planning-input.ts'
import type { Planned } from '../planner/refusal.ts'
import { refuseUnfinished } from '../planner/refuse-unfinished.ts'
import type { LaunchRecord } from '../ports/release-store.ts'
import { planLines } from '../render/plan-text.ts'
import { readPlan } from './read-plan.ts'
import { runPlan } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

export interface PlanAndRun {
  verb: Plan['verb']
  question: (plan: Plan) => string
  reason: string
  forced: boolean
  /** The release that is to serve; null: it is built by the plan. */
  to: ReleaseId | null
  plan(input: PlanningInput): Planned | Promise<Planned>
  /** Once it is agreed to, before the run begins. */
  before?(): Promise<void>
  /** Begun with the run. */
  beside?(plan: Plan): Companion
  /** After a run that succeeded. */
  afterwards?(plan: Plan): Promise<CommandResult | null>
}

/** What goes on beside a run, and longer than it. */
export interface Companion {
  /** The run succeeded. Null: there is nothing to say beyond that. */
  finish(): Promise<CommandResult | null>
  /** The run did not succeed. */
  abandon(): Promise<void>
}

/** Observe, plan, confirm, execute, render: the beats that deploy and rollback share. */
export async function planAndRun(
  input: CommandInput,
  session: Session,
  state: ServiceState,
  request: PlanAndRun,
): Promise<CommandResult> {
  const plan = await obtainPlan(input, session, state, request)
  input.screen.lines(planLines(plan, input.screen.width))
  if (input.options.plan === true) return { exit: 0, document: { plan } }

  await confirm(input, request.verb, request.question(plan))
  input.screen.line('')
  await request.before?.()
  const { reason, forced } = request
  const companion = request.beside?.(plan) ?? null
  const outcome = await runPlan(input, session, plan, { reason, forced }).catch(async (error: unknown) => {
    await companion?.abandon()
    throw error
  })
  if (outcome.error !== null) {
    await companion?.abandon()
    return endedBadly(plan, outcome)
  }
  const after = await (companion === null ? request.afterwards?.(plan) : companion.finish())
  return after ?? { exit: 0, document: { plan, run: outcome.run.id, outcome: outcome.status } }
}

async function obtainPlan(
  input: CommandInput,
  session: Session,
  state: ServiceState,
  request: PlanAndRun,
): Promise<Plan> {
  const { journal, clock } = session
  const unfinished = refuseUnfinished(
    state,
    request.verb,
    await journal.current(session.service),
    clock.now(),
  )
  if (unfinished !== null) throw new OperatorError(unfinished.refused.code, unfinished.refused.params)
  const { apply } = input.options
  if (typeof apply === 'string') {
    const plan = await readPlan(apply, session.service, request.verb)
    if (plan.position === state.position) return plan
    throw new OperatorError('STALE_PLAN', { planned: plan.position, now: state.position, verb: request.verb })
  }
  const planned = await request.plan(await planningInput(session, state, request.to))
  if ('refused' in planned) throw new OperatorError(planned.refused.code, planned.refused.params)
  return planned.plan
}

/** @param to the release that is to serve; null: one that is yet to be built, so the configuration says how it runs */
export async function planningInput(
  session: Session,
  state: ServiceState,
  to: ReleaseId | null,
): Promise<PlanningInput> {
  const { configuration, runtime, clock } = session
  const launch = await launchOf(session, to ?? state.live)
  // What a release to be built says of itself is not read before; what serves is the best guess there is.
  const { capabilities, instances: wanted } =
    to === null || launch === null
      ? runtime.expected(launch)
      : { capabilities: runtime.capabilities(launch), instances: launch.runtime.instances }
  const available = await runtime.available('look')
  const planId = randomUUID()
  return {
    state,
    instances: available.ok ? await runtime.observe('quick') : [],
    capabilities,
    wanted,
    settings: {
      standby: configuration.standby,
      verifyWindowMs: configuration.verify.windowMs,
      drainTimeoutMs: configuration.drainTimeoutMs,
      migrates: session.database !== null,
      clearsCache: configuration.cache !== null,
    },
    database: null,
    nextCheckpoint: null,
    restoreId: planId.slice(0, 8),
    planId,
    madeAt: new Date(clock.now()).toISOString(),
  }
}

async function launchOf(
  { service, store }: Session,
  release: ReleaseId | null,
): Promise<LaunchRecord | null> {
  return release === null ? null : store.launchRecord(service, release).catch(() => null)
}

export async function confirm(input: CommandInput, verb: string, question: string): Promise<void> {
  if (input.options.yes === true) return
  if (input.world.ask === null || input.global.json)
    throw new OperatorError('CONFIRMATION_REQUIRED', { verb })
  const answer = await input.world.ask(`\n${question} [y/N] `)
  if (!/^y(es)?$/i.test(answer.trim())) throw new OperatorError('DECLINED', { verb })
}

/** The runtime must be there before a plan is worth making; on a new host, a first release may be what starts it. */
export async function requireRuntime(session: Session, { mayStart = false } = {}): Promise<void> {
  const available = await session.runtime.available('change')
  if (!available.ok && !(mayStart && available.startable))
    throw new OperatorError(available.code, { detail: available.detail, fix: available.fix })
}

export function endedBadly(plan: Plan, outcome: RunOutcome): CommandResult {
  const error = outcome.error ?? new OperatorError('INTERNAL', { detail: 'a run ended without a reason' })
  return { exit: error.exit, document: { plan, run: outcome.run.id, outcome: outcome.status }, error }
}
