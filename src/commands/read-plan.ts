import { readFile } from 'node:fs/promises'
import type { Plan } from '../domain/plan.ts'
import { messageOf, OperatorError } from '../errors/operator-error.ts'

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
    throw invalid(messageOf(error))
  }
  const plan = isRecord(content) && 'plan' in content ? content.plan : content
  if (!isPlan(plan)) throw invalid('it has no steps')
  if (plan.service !== service) throw invalid(`it is for ${plan.service}`)
  if (plan.verb !== verb) throw invalid(`it is a plan to ${plan.verb}`)
  return plan
}

function isPlan(value: unknown): value is Plan {
  return (
    isRecord(value) &&
    typeof value.id === 'string' &&
    typeof value.service === 'string' &&
    typeof value.to === 'string' &&
    typeof value.position === 'number' &&
    Array.isArray(value.steps) &&
    value.steps.length > 0 &&
    value.steps.every((step) => isRecord(step) && typeof step.kind === 'string' && isRecord(step.params))
  )
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
