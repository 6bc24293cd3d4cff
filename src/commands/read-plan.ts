import { readFile } from 'node:fs/promises'
import { STEP_ORDER } from '../domain/check-plan.ts'
import { isReleaseId } from '../domain/names.ts'
import type { Plan } from '../domain/plan.ts'
import { messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'

/**
 * A plan that was printed with `--plan --json`. Only its shape is checked: what it asks for is bound to a journal position,
 * and the executor refuses it when anything has changed since.
 */
export async function readPlan(path: string, service: string, verb: Plan['verb']): Promise<Plan> {
  const invalid = (detail: string) => new OperatorError('PLAN_INVALID', { path, detail, verb })
  let content: unknown
  try {
    content = JSON.parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw invalid(systemCode(error) === 'ENOENT' ? 'there is no such file' : messageOf(error))
  }
  const plan = isRecord(content) && 'plan' in content ? content.plan : content
  if (!isPlan(plan)) throw invalid('it is not what --plan --json prints')
  if (plan.service !== service) throw invalid(`it is for ${plan.service}`)
  if (plan.verb !== verb) throw invalid(`it is the plan of a ${plan.verb}`)
  return plan
}

function isPlan(value: unknown): value is Plan {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    typeof value.service === 'string' &&
    isName(value.to) &&
    typeof value.way === 'string' &&
    typeof value.position === 'number' &&
    Array.isArray(value.options) &&
    isRecord(value.unavailability) &&
    isRecord(value.eta) &&
    Array.isArray(value.steps) &&
    value.steps.length > 0 &&
    value.steps.every(isStep)
  )
}

/** What a step does is found by its kind, and whose files it touches by its release: both must be names we know. */
function isStep(value: unknown): boolean {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    STEP_ORDER.some((kind) => kind === value.kind) &&
    isRecord(value.params) &&
    isName(value.params.release) &&
    (value.params.from === null || isName(value.params.from))
  )
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && isReleaseId(value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
