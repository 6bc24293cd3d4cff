import type { CheckpointId, TemplateOutlook } from '../domain/checkpoint.ts'
import type { DatabaseFacts } from '../domain/database-facts.ts'
import type { Instance } from '../domain/instance.ts'
import type { ServiceState } from '../domain/service-state.ts'

export interface NextCheckpoint {
  /** What it would be called. */
  id: CheckpointId
  /** For how long connections may wait for a template, and what is known of one; null: it is a dump. */
  template: { allowedMs: number; outlook: TemplateOutlook } | null
}

/** All a planner knows. It has no clock and no dice: time and the plan's id are given to it. */
export interface PlanningInput {
  state: ServiceState
  instances: readonly Instance[]
  /** Of the runtime, for the release that is to serve. */
  capabilities: {
    holds: boolean
    sideBySide: boolean
    /** One copy can wait that is asked before traffic moves, though it cannot take it over. */
    keepsTried: boolean
    /** Said where it is false. */
    obstacles: { holds: string; sideBySide: string }
  }
  /** How many instances the target is to have. */
  wanted: number
  settings: {
    standby: 'warm' | 'none'
    verifyWindowMs: number
    drainTimeoutMs: number
    /** A database is configured, so that deploys migrate it. */
    migrates: boolean
    /** A cache is configured, so that a rollback empties it. */
    clearsCache: boolean
  }
  /** Of a rollback. Null: no database is configured. */
  database: DatabaseFacts | null
  /** What this run's restore is called, should there be one. */
  restoreId: string
  /** A checkpoint before a deploy; null: none is taken. */
  nextCheckpoint: NextCheckpoint | null
  planId: string
  madeAt: string
}
