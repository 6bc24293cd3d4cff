import type { DataWay } from './database-facts.ts'
import type { ReleaseId } from './release.ts'

/** The verbs that change what serves. */
export type PlanVerb = 'deploy' | 'rollback'

export type StepKind =
  | 'build-release'
  | 'check-target'
  | 'create-checkpoint'
  | 'rehearse'
  | 'freeze-writes'
  | 'build-beside'
  | 'migrate-up'
  | 'start-candidate'
  | 'migrate-down'
  | 'swap-database'
  | 'probe-candidate'
  | 'switch-traffic'
  | 'clear-cache'
  | 'verify'
  | 'stop-old'
  | 'start-standby'
  | 'prune-releases'

/** Can it be taken back? `reversible`: as if it never was; `compensatable`: by another action; `irreversible`: no. */
export type Reversibility = 'reversible' | 'compensatable' | 'irreversible'

/** A step is data. What it does lives in its handler, found by `kind`. */
export interface Step {
  id: string
  kind: StepKind
  params: StepParams
  reversibility: Reversibility
  /** One sentence for the operator. */
  why: string
  /** A failure here does not fail the run: the service is already where it should be. */
  optional: boolean
}

/** Only names; never a secret, never what the release's own record has. */
export interface StepParams {
  release: ReleaseId
  /** What served when the plan was made. */
  from: ReleaseId | null
  /** stop-old: the releases that may keep running (a standby). */
  keep?: ReleaseId[]
  /** build-release: the commit to build and what it was called. */
  commit?: string
  ref?: string
  subject?: string
  /** build-release: what was made elsewhere already, and is not built here. */
  prebuilt?: string
  /** create-checkpoint: what it will be called; build-beside, swap-database: what is restored. */
  checkpoint?: string
  /** create-checkpoint: the server copies the database, and connections wait for at most so long. Absent: a dump. */
  templatePauseMs?: number
  /** build-beside, swap-database: this restore, among all that there ever were. */
  restore?: string
  /** migrate-down: the release whose files take them down. */
  runner?: ReleaseId
  /** rehearse: put out although nothing leads back. */
  withoutWayBack?: boolean
}

/** A figure and where it comes from. */
export interface Estimate {
  ms: number
  source: 'measured' | 'default'
  /** How many runs of this service it was measured on; 0 for a default. */
  runs: number
}

/** A way that was weighed. Exactly one is taken. */
export interface PlanOption {
  name: string
  taken: boolean
  reason: string
  unavailability: Estimate
  /** What it would take away; null where it cannot be taken. Absent: it is no way for the data. */
  dataLoss?: string | null
  /** Until all would be done; null where it cannot be taken. Absent: it is no way for the data. */
  eta?: Estimate | null
}

/**
 * How traffic is moved. `standby`: the target already runs, holding · `held`: started holding, probed, let go ·
 * `beside`: started beside the old one after a private copy was probed · `stop-start`: the old one stops first, and the
 * service is away for as long as the target takes to boot · `first`: nothing serves yet.
 */
export type Way = 'standby' | 'held' | 'beside' | 'stop-start' | 'first'

export interface Plan {
  id: string
  service: string
  verb: PlanVerb
  from: ReleaseId | null
  to: ReleaseId
  way: Way
  /** Null: the data is left alone, and nothing was asked of it. */
  data: DataWay | null
  /** Journal position it was made from. The executor refuses a plan when the journal has moved on. */
  position: number
  madeAt: string
  steps: Step[]
  /** Step id from which on the run no longer puts back but stops and asks for a person; null: never. */
  pointOfNoReturn: string | null
  options: PlanOption[]
  /** What of the data is lost, in words; `none` is said, too. */
  dataLoss: string
  unavailability: Estimate
  /** How long nothing can be written to the database, reading goes on; null: always. */
  readOnly: Estimate | null
  /** Until the traffic has moved: what an operator waits for. */
  untilSwitched: Estimate
  /** Until all is done, verification and drain included. */
  eta: Estimate
}
