import type { ReleaseId } from './release.ts'

/**
 * `booting` not listening yet · `holding` ready, its listen() held back · `listening` takes traffic ·
 * `draining` hands new requests on · `drained` nothing left in it · `running` alive, but nothing can tell
 * whether it listens (no agent) · `down` the runtime knows it and it does not run.
 */
export type InstanceState = 'booting' | 'holding' | 'listening' | 'draining' | 'drained' | 'running' | 'down'

/** One running copy, with the release it really serves, as observed: never as the runtime reports it. */
export interface Instance {
  /** Unique while it lives: a pid, a container id. */
  id: string
  /** Null when nothing on it tells which release it is: a stranger under the service's name. */
  release: ReleaseId | null
  /** Runtime's own name for the group it belongs to (PM2 app name); what `stop` takes. */
  unit: string
  state: InstanceState
  /** How the release was established, for the evidence: `agent`, `working folder`. */
  seenBy: string
  startedAt: number | null
  /** How often the runtime has restarted it; null when not asked. */
  restarts: number | null
  traffic: TrafficCounters | null
}

/** Since the process started; only requests it answered itself. */
export interface TrafficCounters {
  requests: number
  serverErrors: number
  inFlight: number
  connections: number
}

/** Takes traffic, or may: what must be exactly one release when all is well. */
export function serves(instance: Instance): boolean {
  return instance.state === 'listening' || instance.state === 'running'
}
