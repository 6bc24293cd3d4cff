import type { Plan } from '../domain/plan.ts'
import { lastKnownGood } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { catalog } from '../errors/catalog.ts'
import { fill } from '../errors/operator-error.ts'
import { planRollback } from '../planner/plan-rollback.ts'
import { lookAtDatabase } from './database-facts.ts'
import { planningInput } from './plan-and-run.ts'
import type { Session } from './session.ts'

export type PlannedBack = { ok: true; plan: Plan } | { ok: false; why: string }

/** The way back from what serves because it is found to be bad: to the newest other release that is proven. */
export async function planBack(
  session: Session,
  state: ServiceState,
  corrupt: boolean,
): Promise<PlannedBack> {
  const target = lastKnownGood(state.releases.filter(({ id }) => id !== state.live))
  if (target === null) return { ok: false, why: 'no other release is proven' }
  const database = await lookAtDatabase(session, state, target)
  const input = { ...(await planningInput(session, state, target.id)), database }
  const planned = planRollback(input, target.id, { way: null, corrupt })
  if ('plan' in planned) return { ok: true, plan: planned.plan }
  const { code, params } = planned.refused
  return { ok: false, why: fill(catalog[code].message, params) }
}
