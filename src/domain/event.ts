import type { Baseline } from './baseline.ts'
import type { CheckpointId, CheckpointKind } from './checkpoint.ts'
import type { Evidence } from './facts.ts'
import type { FindingFacts, FindingId } from './finding.ts'
import type { IncidentEventData } from './incident/incident-events.ts'
import type { NotifyEventData } from './notify/notify-events.ts'
import type { Plan, StepKind } from './plan.ts'
import type { Proof } from './proof.ts'
import type { Mark, Release, ReleaseId } from './release.ts'
import type { VerdictEnd, VerdictFacts, VerdictId } from './verdict.ts'
import type { Verification } from './verification.ts'

/** Everything lastgood remembers. Past tense; a correction is a new event. */
export interface EventData extends IncidentEventData, NotifyEventData {
  ServiceRegistered: { configPath: string; claim: string }
  /** Outside of a run, which says so itself: whatever becomes of it, its id is used. */
  ReleaseBuildStarted: { release: ReleaseId; commit: string; ref: string }
  ReleaseBuilt: { release: Release; buildMs: number; files: number; bytes: number }
  ReleaseAdopted: { release: Release; files: number; bytes: number; unit: string; directory: string }
  ReleaseMarkedBad: { release: ReleaseId; commit: string | null; mark: Mark }
  ReleaseMarkedProven: { release: ReleaseId; mark: Mark }
  ReleaseRetired: { release: ReleaseId; reason: string }
  /** `by` is how it came to serve: a release that came by a rollback is never left again without being named. */
  ReleaseWentLive: {
    release: ReleaseId
    from: ReleaseId | null
    by: 'deploy' | 'rollback' | 'adopt' | 'put-back'
  }
  /** It served and was stopped, with nothing to take its place: a first release that did not pass. */
  ReleaseTakenDown: { release: ReleaseId }
  ReleaseBooted: { release: ReleaseId; bootMs: number }
  /** `verdict`: the one it was begun on; absent: a person began it. */
  RunStarted: { run: string; plan: Plan; reason: string; forced: boolean; verdict?: VerdictId }
  RunResumed: { run: string; putBack: boolean }
  StepStarted: { run: string; step: string; kind: StepKind }
  /** What a step is about to do, by name: whoever goes on with it after a kill knows by this what has been its doing. */
  StepNoted: { run: string; step: string; noted: Evidence }
  StepSucceeded: { run: string; step: string; kind: StepKind; ms: number; evidence: Evidence }
  StepFailed: { run: string; step: string; kind: StepKind; ms: number; code: string; message: string }
  StepUndoStarted: { run: string; step: string; kind: StepKind }
  StepUndone: { run: string; step: string; kind: StepKind; ms: number; evidence: Evidence }
  RunSucceeded: { run: string; ms: number }
  /** Failed or interrupted before the point of no return; what served before serves. */
  RunPutBack: { run: string; code: string; message: string }
  /** Failed after the point of no return, or could not be put back: a person is needed. */
  RunStopped: { run: string; code: string; message: string }
  CheckpointCreated: {
    checkpoint: CheckpointId
    kind: CheckpointKind
    release: ReleaseId | null
    bytes: number
    tables: number
    rows: number
    ms: number
    reason: string
  }
  /** `ms` null: it was cut short, and gone on with. */
  MigrationsApplied: { release: ReleaseId; names: string[]; ms: number | null }
  /** `release` brought them; what is left is the schema of `target`. */
  MigrationsTakenDown: { release: ReleaseId; target: ReleaseId | null; names: string[]; ms: number | null }
  WaysBackRehearsed: { release: ReleaseId; proof: Proof }
  /** The service's name leads to a restored database; `kept` is the damaged one. */
  DatabaseSwapped: {
    restore: string
    checkpoint: CheckpointId
    kept: string | null
    keptUntil: string | null
    unavailableMs: number | null
  }
  DatabaseSwappedBack: { restore: string; checkpoint: CheckpointId; unavailableMs: number | null }
  /** Rows of a damaged database that were put into the one that serves. */
  RowsSalvaged: { from: string; into: string; tables: { table: string; rows: number }[] }
  WritesFrozen: { reason: string }
  WritesUnfrozen: { databases: string[] }
  WatchStarted: { release: ReleaseId | null; policy: 'ask' | 'act'; source: string }
  FindingRecorded: { finding: FindingFacts }
  /** The signal is well again, or a person says that it was nothing. */
  FindingCleared: { finding: FindingId; reason: string }
  VerdictReached: { verdict: VerdictFacts }
  VerdictEnded: { verdict: VerdictId; how: VerdictEnd; reason: string }
  /** A person says that a release can still be mended in place; `until` is when it no longer can. */
  FixForwardExtended: { release: ReleaseId; until: string; reason: string }
  /** After a rollback: whether the service is well again, as the evidence has it. */
  RecoveryJudged: { release: ReleaseId; outcome: 'confirmed' | 'refuted'; requests: number; detail: string }
  BaselineRecorded: { baseline: Baseline }
  /** One notification of Alertmanager; the same one is taken once. */
  AlertsTaken: { key: string; groupKey: string; firing: string[]; resolved: string[] }
  VerificationRecorded: { release: ReleaseId | null; run: string | null; verification: Verification }
}

export type { Evidence }

export type EventType = keyof EventData

/** What a writer supplies. `subject` is `service/<name>`, `run/<id>` or `release/<id>`. */
export type NewEvent = {
  [T in EventType]: {
    type: T
    service: string
    subject: string
    actor: string
    /** When it happened; defaults to now. `recordedAt` is always the journal's own. */
    at?: string
    causedBy?: number
    data: EventData[T]
  }
}[EventType]

/** What the journal keeps: the writer's part, its place, and the chain. */
export type JournalEvent = NewEvent & {
  seq: number
  id: string
  at: string
  recordedAt: string
  /** sha-256 (hex) of the event before it; 64 zeros for the first. */
  previousHash: string
  hash: string
}
