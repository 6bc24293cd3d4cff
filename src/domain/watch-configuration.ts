import type { Flow } from './flow.ts'
import type { Trigger, TriggerMode } from './trigger.ts'

/** `watch:` in lastgood.yaml, checked, with every default filled in. Times in ms, shares from 0 to 1. */
export interface WatchConfiguration {
  /** The most that is done by itself: `ask` proposes, `act` rolls back. */
  policy: 'ask' | 'act'
  /** From the verdict to the rollback, under `act`. */
  countdownMs: number
  /** Time between two looks at the counters. */
  everyMs: number
  /** A total outage no longer than this is a blip; the steady engine bets once in half of it. */
  burstToleranceMs: number
  /** Chance that a healthy release is ever convicted by one trigger. */
  falseAlarm: number
  errorRate: number
  slowdown: number
  fixForwardMs: number
  recovery: { errorRate: number; slowdown: number }
  triggers: Record<Trigger, TriggerMode>
  signals: SignalSettings
  flows: Flow[]
  invariants: Invariant[]
  security: SecuritySettings
  sessions: SessionSettings
  /** Share by which the memory of an instance may grow over what the last proven release took. */
  memoryGrowth: number
  /** Where Alertmanager posts to; null: nobody listens. `token`: what it must send as Bearer; a secret. */
  listen: { host: string; port: number; token: string | null } | null
}

export interface SignalSettings {
  /** `agent`: the agents' sockets · `endpoint`: the service's own metrics page · `prometheus`: a server's HTTP API. */
  from: 'agent' | 'endpoint' | 'prometheus'
  /** endpoint: where it is scraped; null: each instance in private, at `path`. prometheus: the server's base URL. */
  url: string | null
  path: string
  headers: Record<string, string>
  /** prometheus: `job="my-store-api"`; empty: none. */
  selector: string
  /** Names of the metrics: a counter of requests, a histogram in seconds, a gauge of sessions or null. */
  requests: string
  duration: string
  sessions: string | null
  /** Label with the status, and what marks a server error in it (regular expression, whole value). */
  statusLabel: string
  errorStatus: string
  releaseLabel: string
  instanceLabel: string
  timeoutMs: number
}

/** One row with one column: 0 or true is well; any other number, or false, is a violation. */
export interface Invariant {
  name: string
  sql: string
  everyMs: number
  timeoutMs: number
}

export interface SecuritySettings {
  /** `npm audit` against the release's own lockfile. */
  audit: boolean
  /** An OSV file, or a folder of them; null: none. */
  advisories: string | null
  /** The least severity that is a finding. */
  level: 'low' | 'moderate' | 'high' | 'critical'
  everyMs: number
}

export interface SessionSettings {
  /** One number; null: from the metric of `signals`, else not looked at. */
  sql: string | null
  /** Share of the sessions at the switch that may be gone. */
  drop: number
  everyMs: number
}
