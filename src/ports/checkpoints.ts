import type {
  Checkpoint,
  CheckpointId,
  CheckpointVerification,
  KeptCheckpoint,
  RetiredCheckpoint,
  TemplateOutlook,
} from '../domain/checkpoint.ts'
import type { ReleaseId } from '../domain/release.ts'

/** Restorable copies of the service's database, each with the record of what is in it. */
export interface Checkpoints {
  /**
   * What `create` would call the next one. A plan that keeps the id can look for it after a crash, and ask again.
   */
  nextId(): Promise<CheckpointId>
  /**
   * Done twice is done once: one that is there already under that id is returned. What a killed run left is removed first.
   * @throws OperatorError DB_..., CHECKPOINT_NO_SPACE, CHECKPOINT_FAILED; for a template also CHECKPOINT_IN_USE (nobody was
   * sent away), CHECKPOINT_HELD_UP (the copy was given up, connections go on); nothing is left behind
   */
  create(request: CreateCheckpoint): Promise<Checkpoint>
  /** @throws OperatorError DB_... */
  templateOutlook(): Promise<TemplateOutlook>
  /** Oldest first, damaged ones too. */
  list(): Promise<KeptCheckpoint[]>
  /** @throws OperatorError UNKNOWN_CHECKPOINT, CHECKPOINT_DAMAGED (its record cannot be read) */
  get(id: CheckpointId): Promise<Checkpoint>
  /** Null: no whole one. What is known to be bad does not count. */
  newestGood(): Promise<Checkpoint | null>
  /** The folder that restoreInto() takes. */
  folderOf(id: CheckpointId): string
  /** Every file, by content. Seconds for gigabytes. @returns what is wrong; empty: nothing */
  checkFiles(id: CheckpointId): Promise<string[]>
  /** Its files, then a real restore into a database of its own, which is dropped again. The result is kept with it. */
  verify(id: CheckpointId, options: { signal: AbortSignal; jobs?: number }): Promise<CheckpointVerification>
  /** It was restored elsewhere, and compared: as good as `verify`. The result is kept with it. */
  noteTrial(verification: CheckpointVerification): Promise<void>
  /** What would be removed, and why. */
  planPrune(needed: readonly ReleaseId[]): Promise<RetiredCheckpoint[]>
  /** Removes it, and what killed runs left: half-written checkpoints, databases of a verification. */
  prune(needed: readonly ReleaseId[]): Promise<PrunedCheckpoints>
}

export interface CreateCheckpoint {
  /** Null: the next one. */
  id: CheckpointId | null
  /** That serves now. */
  release: ReleaseId | null
  /** Applied now, oldest first; null: nobody looked. */
  migrations: string[] | null
  reason: string
  /** Null: a dump. */
  template: TemplateRequest | null
  signal: AbortSignal
}

export interface TemplateRequest {
  /**
   * For how long sessions of the database may be ended and new ones made to wait: the server itself gives the copy up then.
   * Null: not at all, so that it is only made while nobody is connected.
   */
  pauseMs: number | null
}

export interface PrunedCheckpoints {
  removed: RetiredCheckpoint[]
  /** Left by runs that were killed: names of folders and databases. */
  leftOvers: string[]
}
