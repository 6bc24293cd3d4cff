import type { Instance } from '../domain/instance.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { LaunchRecord, RuntimeSettings } from './release-store.ts'

/** Where one instance can be asked without going through the service's traffic. */
export type PrivateAddress = { socketPath: string } | { host: string; port: number }

export interface RuntimeCapabilities {
  /** Instances can be started holding, and drained (the agent is in). */
  holds: boolean
  /** Two releases can take traffic at the service's address at once, so that a switch leaves no gap. */
  sideBySide: boolean
  /** Without holding: the copy of a release that is tried can go on running, so that a way back need not boot one first. */
  keepsTried: boolean
  /** What stands in the way of each, in the runtime's own words; said where it is false. */
  obstacles: { holds: string; sideBySide: string }
}

/** What a person types, or does, without lastgood. */
export interface RuntimeHints {
  /** Shows everything that runs. */
  list: string
  /** What should run does not. */
  bringBack: string
  /** Something runs that should not. */
  remove: string
  /** Makes what runs now what runs after a reboot; null: it is already. */
  persist: string | null
}

export interface Advice {
  text: string
  /** What to change, or to type. */
  fix: string
}

/**
 * What runs instances. One adapter per runtime; every one passes test/contract/runtime-contract.
 * Every operation is convergent: done twice it ends in the same state, so that a resumed run may repeat it.
 * None of them believes the runtime's own word: each returns only when it has seen the effect.
 */
export interface Runtime {
  readonly kind: string
  /** What two services cannot share: `pm2 app my-store-api`. */
  readonly claim: string
  readonly hints: RuntimeHints
  capabilities(launch: LaunchRecord): RuntimeCapabilities
  /** Of the release that is built next: as the configuration says, and where that is silent, as `last` was. */
  expected(last: LaunchRecord | null): { capabilities: RuntimeCapabilities; instances: number }

  /**
   * Whether the runtime is there to be asked, or, to `change` what serves, also whether all that is needed for that can be
   * told: what routes to the instances as well. Starts nothing, changes nothing.
   */
  available(purpose: 'look' | 'change'): Promise<RuntimeAvailability>
  /** Starts it, for the first release on a new host. @throws OperatorError RUNTIME_MISSING */
  bringUp(): Promise<void>

  /**
   * Everything that runs under the service's name.
   * `quick` asks the instances themselves and nothing else (milliseconds); `full` also asks the runtime, and so sees
   * strangers, crashed units and instances without the agent.
   * @throws OperatorError RUNTIME_MISSING, RUNTIME_DOWN, RUNTIME_FAILED
   */
  observe(depth: 'quick' | 'full'): Promise<Instance[]>

  /**
   * The release runs, can be asked in private, and takes no traffic: every instance of it, holding; or, without the
   * agent, one copy on a port of its own. Instances that are already there are kept, a copy only by what keeps it
   * running (`keepsTried`).
   * @throws OperatorError CANDIDATE_CRASHED, CANDIDATE_NOT_READY
   */
  prepare(release: ReleaseId, launch: LaunchRecord, options: PrepareOptions): Promise<StartedRelease>

  /**
   * What is not on this host (any more) and a start of the release would need; empty: nothing. What can be fetched is
   * fetched, so that it is here when traffic moves.
   */
  missing(release: ReleaseId, launch: LaunchRecord): Promise<string[]>

  /** Where a prepared release can be asked. Empty when it is not prepared. */
  addresses(release: ReleaseId): Promise<PrivateAddress[]>

  /**
   * From its return on, new requests are answered by this release only; requests the others have begun are ended by
   * them. When it fails, what took traffic before still does; only where it had to stop first (neither held nor side by
   * side) nothing does, until `switchTo` is asked for it again.
   * @throws OperatorError ACTIVATION_FAILED, PORT_TAKEN, CANDIDATE_CRASHED, CANDIDATE_NOT_READY
   */
  switchTo(release: ReleaseId, launch: LaunchRecord, options: PrepareOptions): Promise<Switched>

  /** Drains and stops every unit of the service but those of `keep`, strangers under its name included. */
  stopOthers(keep: readonly ReleaseId[], drainTimeoutMs: number): Promise<StoppedUnits>

  /** Stops and forgets every unit of this release. Nothing of it runs when this returns. */
  stop(release: ReleaseId): Promise<void>

  /** Gives back what is kept for a start of the release: it has retired, and will not be started again. */
  forget(release: ReleaseId): Promise<void>

  /** What could be better about how the release runs, for `doctor`. Empty: nothing. */
  advise(launch: LaunchRecord): Promise<Advice[]>

  /** What runs under the service's plain name, started without lastgood: what `adopt` takes over. Null: nothing. */
  inspectUnmanaged(): Promise<Unmanaged | null>

  /** Makes what runs now what runs after a reboot, where the host is set up for that. */
  persist(): Promise<boolean>

  /** Where the release's own output goes, for messages. */
  logOf(release: ReleaseId): string

  /** The command lines a person would type without lastgood, for the runbook. */
  describe(release: ReleaseId, launch: LaunchRecord): { start: string[]; stop: string[]; status: string[] }
}

export interface Unmanaged {
  unit: string
  /** How it runs, for the screen: `dist/index.js (cluster mode, 2 instances, port 3000)`. */
  summary: string
  /** Its real working folder; null: it runs from an image. */
  directory: string | null
  /** What it runs with, whole. */
  env: Record<string, string>
  settings: RuntimeSettings
  instances: number
}

export type RuntimeAvailability =
  | { ok: true }
  | {
      ok: false
      code: UnavailableCode
      detail: string
      fix: string
      /** `bringUp` can help, so that a first release on a new host need not be refused. */
      startable: boolean
    }

export type UnavailableCode =
  | 'RUNTIME_MISSING'
  | 'RUNTIME_DOWN'
  | 'RUNTIME_DENIED'
  | 'MANAGED_ELSEWHERE'
  | 'ROUTER_DOWN'

export interface PrepareOptions {
  timeoutMs: number
  signal: AbortSignal
}

export interface StartedRelease {
  instances: number
  /** From the start command to the last instance being ready, ms; null when all were there already. */
  bootMs: number | null
}

export interface Switched {
  /** How long nothing listened, ms; 0 where both listened at once. */
  gapMs: number
  /** How long the switch itself took, ms. */
  ms: number
}

export interface StoppedUnits {
  stopped: string[]
  /** False when connections were left at the deadline and were cut. */
  drained: boolean
}
