import type { Step } from '../domain/plan.ts'
import { progressOf } from '../domain/run.ts'
import { messageOf, OperatorError } from '../errors/operator-error.ts'
import type { Execution, RunOutcome } from './execution.ts'

/**
 * Takes back what a run has done, newest first, beginning with `from`: the step that failed may have done half of it.
 * Ctrl-C does not stop this: half a way back is the worst place to be.
 */
export async function putBack(execution: Execution, from: Step, cause: OperatorError): Promise<RunOutcome> {
  const { ports } = execution
  ports.onProgress({ type: 'putting-back', message: cause.message })
  const { steps } = execution.run.plan
  for (const step of steps.slice(0, steps.indexOf(from) + 1).reverse()) {
    try {
      await undoStep(execution, step)
    } catch (error) {
      return giveUp(execution, step, error)
    }
  }
  const { id } = execution.run
  await execution.record(execution.event('RunPutBack', { run: id, code: cause.code, message: cause.message }))
  return { run: execution.run, status: 'put-back', error: cause }
}

async function undoStep(execution: Execution, step: Step): Promise<void> {
  const { ports, runId } = execution
  const { undo } = ports.handlers[step.kind]
  const { status } = progressOf(execution.run, step)
  if (undo === undefined || status === 'todo' || status === 'undone') return

  const at = { run: runId, step: step.id, kind: step.kind }
  const startedAt = ports.clock.now()
  if (status !== 'undoing') await execution.record(execution.event('StepUndoStarted', at))
  ports.crash(`undo/${step.kind}/started`)
  const result = await undo.call(
    ports.handlers[step.kind],
    step,
    execution.context(step, new AbortController().signal),
  )
  ports.crash(`undo/${step.kind}/done`)
  const ms = ports.clock.now() - startedAt
  await execution.record(
    execution.event('StepUndone', { ...at, ms, evidence: result.evidence }),
    ...(result.events ?? []),
  )
  ports.crash(`undo/${step.kind}/recorded`)
  ports.onProgress({ type: 'step-undone', step, ms })
}

async function giveUp(execution: Execution, step: Step, thrown: unknown): Promise<RunOutcome> {
  const { plan, id } = execution.run
  const detail = messageOf(thrown)
  const error = new OperatorError(
    'PUT_BACK_FAILED',
    { verb: plan.verb, to: plan.to, step: step.id, detail },
    { cause: thrown },
  )
  await execution.record(execution.event('RunStopped', { run: id, code: error.code, message: error.message }))
  return { run: execution.run, status: 'stopped', error }
}
