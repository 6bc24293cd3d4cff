import type { Instance } from '../domain/instance.ts'
import type { ServiceState } from '../domain/service-state.ts'

/** All a planner knows. It has no clock and no dice: time and the plan's id are given to it. */
export interface PlanningInput {
  state: ServiceState
  instances: readonly Instance[]
  /** Of the runtime, for the release that is to serve. */
  capabilities: { holds: boolean; sideBySide: boolean }
  /** How many instances the target is to have. */
  wanted: number
  settings: {
    standby: 'warm' | 'none'
    verifyWindowMs: number
    drainTimeoutMs: number
  }
  planId: string
  madeAt: string
}
