import type { Baseline } from './baseline.ts'
import type { Finding } from './finding.ts'
import type { Proof } from './proof.ts'
import type { Mark, Release, ReleaseId } from './release.ts'
import type { Run } from './run.ts'
import type { Verdict } from './verdict.ts'
import type { Verification } from './verification.ts'

/** Everything the journal says about one service. */
export interface ServiceState {
  service: string
  /** `seq` of the newest event that could change a plan. */
  position: number
  configPath: string | null
  claim: string | null
  /** Oldest first. */
  releases: Release[]
  /** Builds outside of a run, whatever became of them. */
  builds: ReleaseId[]
  live: ReleaseId | null
  liveSince: string | null
  liveBy: 'deploy' | 'rollback' | 'adopt' | 'put-back' | null
  /** The app that was adopted, as it ran then. */
  adopted: { unit: string; directory: string } | null
  /** Commits that are not put out again, with the mark that says why. */
  badCommits: Map<string, Mark>
  runs: Run[]
  verification: Verification | null
  /** The newest rehearsal of each release. */
  proofs: Map<ReleaseId, Proof>
  measured: Measured
  /** Oldest first, cleared ones included. */
  findings: Finding[]
  /** Oldest first, ended ones included. */
  verdicts: Verdict[]
  /** Until when a person has said that it can be mended in place, by release. */
  fixForwardUntil: Map<ReleaseId, string>
  recoveries: { release: ReleaseId; at: string; outcome: 'confirmed' | 'refuted'; detail: string }[]
  baselines: Map<ReleaseId, Baseline>
  /** Keys of the notifications of Alertmanager that were taken, newest last; older ones are forgotten. */
  alertsTaken: string[]
}

/** Durations of this service's own steps, newest last, ms. */
export interface Measured {
  steps: Partial<Record<string, number[]>>
  /** Gap without a listener, by way; `swap`: without a database. */
  gaps: Partial<Record<string, number[]>>
}

/** Every id that was ever given, also to what was never there in the end. */
export function usedReleaseIds({ releases, runs, builds }: ServiceState): ReleaseId[] {
  return [...releases.map(({ id }) => id), ...runs.map(({ plan }) => plan.to), ...builds]
}

/** The run that has no end yet, or that stopped part way and was not followed by another. */
export function unfinishedRun(state: ServiceState): Run | null {
  const last = state.runs.at(-1)
  return last !== undefined && (last.status === 'running' || last.status === 'stopped') ? last : null
}

export function findRelease(state: ServiceState, id: ReleaseId | null): Release | null {
  return state.releases.find((release) => release.id === id) ?? null
}
