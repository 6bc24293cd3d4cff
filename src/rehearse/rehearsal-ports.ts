import type { CheckpointId } from '../domain/checkpoint.ts'
import type { Proof } from '../domain/proof.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { Checkpoints } from '../ports/checkpoints.ts'
import type { Clock } from '../ports/clock.ts'
import type { Migrations } from '../ports/migrations.ts'
import type { Prober } from '../ports/prober.ts'
import type { ReleaseStore } from '../ports/release-store.ts'
import type { Runtime } from '../ports/runtime.ts'
import type { TrialDatabases } from '../ports/trial-databases.ts'

export interface RehearsalPorts {
  trials: TrialDatabases
  checkpoints: Pick<Checkpoints, 'newestGood' | 'get' | 'noteTrial'>
  migrations: Migrations
  store: Pick<ReleaseStore, 'launchRecord' | 'schema'>
  /** Of rehearsals alone: with an app name and a run folder of its own. */
  runtime: Runtime
  prober: Prober
  clock: Clock
  crash(point: string): void
}

export interface RehearseRequest {
  service: string
  release: ReleaseId
  /** To go back to; null: nothing serves yet. */
  back: ReleaseId | null
  /** Null: the newest good one. */
  checkpoint: CheckpointId | null
  signal: AbortSignal
  /** The migration tool's own words. */
  logFile?: string
  /** What is being done now, for whoever waits. */
  onPhase?: (phase: string) => void
}

/** What every route finds out; the rest of the proof is known before. */
export type Findings = Pick<Proof, 'up' | 'oldCodeOnNewSchema' | 'newRelease' | 'down'>
