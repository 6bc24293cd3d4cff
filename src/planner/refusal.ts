import type { Plan } from '../domain/plan.ts'
import type { ErrorCode } from '../errors/catalog.ts'

/** A planner's no, as data: the catalogue has its words. */
export interface Refusal {
  code: ErrorCode
  params: Record<string, string | number | null>
}

export type Planned = { plan: Plan } | { refused: Refusal }

export function refuse(code: ErrorCode, params: Refusal['params'] = {}): { refused: Refusal } {
  return { refused: { code, params } }
}
