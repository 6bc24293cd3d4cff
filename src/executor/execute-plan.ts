import { findPlanFlaw } from '../domain/check-plan.ts'
import { applyEvents } from '../domain/fold-service.ts'
import type { Plan, Step } from '../domain/plan.ts'
import { currentStep, progressOf, type Run } from '../domain/run.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { VerdictId } from '../domain/verdict.ts'
import { isOperatorError, messageOf, OperatorError } from '../errors/operator-error.ts'
import { Execution, type ExecutionPorts, type RunOutcome } from './execution.ts'
import { putBack } from './put-back.ts'
import type { StepResult } from './step-handler.ts'

export interface RunRequest {
  plan: Plan
  runId: string
  reason: string
  forced: boolean
  /** The verdict it is begun on; absent: a person begins it. */
  verdict?: VerdictId
}

/**
 * Runs a plan so that it can be killed anywhere. Each step: intent recorded, effect, evidence recorded.
 * @throws OperatorError STALE_PLAN when the journal has moved on since the plan was made, PLAN_INVALID when it was edited,
 * VERDICT_ENDED when the verdict it is begun on is over
 */
export async function executePlan(
  ports: ExecutionPorts,
  state: ServiceState,
  request: RunRequest,
): Promise<RunOutcome> {
  const { plan } = request
  if (plan.position !== state.position) {
    throw new OperatorError('STALE_PLAN', { planned: plan.position, now: state.position, verb: plan.verb })
  }
  requireSound(plan)
  requireStanding(state, request)
  const start = {
    type: 'RunStarted' as const,
    service: plan.service,
    subject: `run/${request.runId}`,
    actor: ports.actor,
    at: new Date(ports.clock.now()).toISOString(),
    data: {
      run: request.runId,
      plan,
      reason: request.reason,
      forced: request.forced,
      ...(request.verdict === undefined ? {} : { verdict: request.verdict }),
    },
  }
  applyEvents(state, await ports.journal.append([start], ports.lease))
  return goForward(new Execution(ports, state, request.runId))
}

/**
 * Goes on with a run that was cut short or that stopped: observes before it acts. A run that was already going back
 * goes on going back; `wantPutBack` turns one round that has not passed its point of no return.
 * @throws OperatorError PAST_NO_RETURN when putting back is wanted and no longer possible
 */
export async function resumeRun(
  ports: ExecutionPorts,
  state: ServiceState,
  run: Run,
  wantPutBack: boolean,
): Promise<RunOutcome> {
  requireSound(run.plan)
  const execution = new Execution(ports, state, run.id)
  const step = lastTouched(run)
  const mayPutBack = run.puttingBack || (await canPutBack(execution, step))
  if (wantPutBack && !mayPutBack) {
    throw new OperatorError('PAST_NO_RETURN', { verb: run.plan.verb, to: run.plan.to, step: step.id })
  }
  // A step that failed before the point of no return was about to be put back, even if that was never written down.
  const failed = progressOf(run, step).status === 'failed' && !step.optional
  const back = run.puttingBack || wantPutBack || (failed && mayPutBack)
  await execution.record(execution.event('RunResumed', { run: run.id, putBack: back }))
  if (back) return putBack(execution, step, cutShort(run, step))
  return goForward(execution, await findLost(execution))
}

/** What was started to be asked in private, and went with a machine or an engine that was restarted since. */
async function findLost(execution: Execution): Promise<Step | null> {
  const { run, ports } = execution
  const started = run.plan.steps.find(({ kind }) => kind === 'start-candidate')
  if (started === undefined || currentStep(run)?.kind !== 'probe-candidate') return null
  const seen = await ports.handlers[started.kind].observe(started, execution.context(started))
  return seen === 'todo' ? started : null
}

/** Nobody acts twice on one verdict, nor on one that was called off. The lease is held: nobody ends it at this moment. */
function requireStanding(state: ServiceState, { verdict: id }: RunRequest): void {
  if (id === undefined) return
  const ended = state.verdicts.find((verdict) => verdict.id === id)?.ended
  const acted = state.runs.some((run) => run.verdict === id)
  if (ended === null && !acted) return
  const why = acted ? 'a run was begun on it' : (ended?.reason ?? 'it is not known')
  throw new OperatorError('VERDICT_ENDED', { verdict: id, why })
}

function requireSound(plan: Plan): void {
  const detail = findPlanFlaw(plan)
  if (detail !== null) throw new OperatorError('PLAN_INVALID', { path: plan.id, detail, verb: plan.verb })
}

/** @param lost a step that is done once more */
async function goForward(execution: Execution, lost: Step | null = null): Promise<RunOutcome> {
  const { ports } = execution
  for (const step of execution.run.plan.steps) {
    const before = progressOf(execution.run, step).status
    if (before === 'succeeded' && step !== lost) continue
    const startedAt = ports.clock.now()
    try {
      if (ports.signal.aborted) throw ports.signal.reason
      await runStep(execution, step, before !== 'todo', startedAt)
    } catch (error) {
      const ended = await failStep(execution, step, error, ports.clock.now() - startedAt)
      if (ended !== null) return ended
    }
  }
  const { run } = execution
  const ms = ports.clock.now() - Date.parse(run.startedAt)
  await execution.record(execution.event('RunSucceeded', { run: run.id, ms }))
  return { run: execution.run, status: 'succeeded', error: null }
}

async function runStep(execution: Execution, step: Step, again: boolean, startedAt: number): Promise<void> {
  const { ports, runId } = execution
  const handler = ports.handlers[step.kind]
  const at = { run: runId, step: step.id, kind: step.kind }
  ports.onProgress({ type: 'step-started', step })
  if (!again) await execution.record(execution.event('StepStarted', at))
  ports.crash(`${step.kind}/started`)

  const context = execution.context(step)
  const seen = again ? await handler.observe(step, context) : 'todo'
  const observed = typeof seen === 'object'
  const result: StepResult = observed ? seen.done : await handler.run(step, context)
  ports.crash(`${step.kind}/done`)

  const ms = ports.clock.now() - startedAt
  const evidence = observed ? { ...result.evidence, foundDone: true } : result.evidence
  await execution.record(execution.event('StepSucceeded', { ...at, ms, evidence }), ...(result.events ?? []))
  ports.crash(`${step.kind}/recorded`)
  ports.onProgress({
    type: 'step-succeeded',
    step,
    ms,
    evidence: result.evidence,
    observed,
  })
}

/** Null: the failure does not matter, the run goes on. */
async function failStep(
  execution: Execution,
  step: Step,
  thrown: unknown,
  ms: number,
): Promise<RunOutcome | null> {
  const { ports, run } = execution
  const error = asOperatorError(thrown, step)
  if (error.code === 'LEASE_LOST') throw error
  await execution.record(
    execution.event('StepFailed', {
      run: run.id,
      step: step.id,
      kind: step.kind,
      ms,
      code: error.code,
      message: error.message,
    }),
  )
  ports.crash(`${step.kind}/failed`)
  const optional = step.optional && error.code !== 'INTERRUPTED'
  ports.onProgress({ type: 'step-failed', step, ms, message: error.message, optional })
  if (optional) return null
  if (await canPutBack(execution, step)) return putBack(execution, step, error)
  return stop(execution, step, error)
}

/** Before the point of no return always; at it only when nothing of it has happened. */
async function canPutBack(execution: Execution, failed: Step): Promise<boolean> {
  const { steps, pointOfNoReturn } = execution.run.plan
  const point = steps.findIndex(({ id }) => id === pointOfNoReturn)
  const index = steps.indexOf(failed)
  if (point === -1 || index < point) return true
  if (index > point) return false
  const context = execution.context(failed, new AbortController().signal)
  return (await execution.ports.handlers[failed.kind].observe(failed, context)) === 'todo'
}

async function stop(execution: Execution, step: Step, cause: OperatorError): Promise<RunOutcome> {
  const { plan, id } = execution.run
  const params = { verb: plan.verb, to: plan.to, step: step.id, detail: cause.message }
  const code = cause.code === 'INTERRUPTED' ? 'INTERRUPTED_AFTER_SWITCH' : 'STOPPED_PART_WAY'
  const error = new OperatorError(code, params, { cause, details: cause.details })
  await execution.record(execution.event('RunStopped', { run: id, code, message: error.message }))
  return { run: execution.run, status: 'stopped', error }
}

function cutShort(run: Run, step: Step): OperatorError {
  const details = run.failure === null ? [] : [run.failure.message]
  return new OperatorError('INTERRUPTED', { step: step.id }, { details })
}

/** The newest step that may have had an effect. */
function lastTouched(run: Run): Step {
  const touched = run.plan.steps.filter((step) => progressOf(run, step).status !== 'todo')
  const step = touched.at(-1) ?? run.plan.steps[0]
  if (step === undefined) throw new OperatorError('INTERNAL', { detail: 'a plan without steps' })
  return step
}

function asOperatorError(thrown: unknown, step: Step): OperatorError {
  if (!isOperatorError(thrown))
    return new OperatorError('INTERNAL', { detail: messageOf(thrown) }, { cause: thrown })
  return thrown.code === 'INTERRUPTED' ? new OperatorError('INTERRUPTED', { step: step.id }) : thrown
}
