import type { CheckpointId } from './checkpoint.ts'
import type { Loss, Proof } from './proof.ts'
import type { ReleaseId } from './release.ts'
import type { WrittenTable } from './salvage.ts'

/** What was seen of the database when a way back is planned. */
export interface DatabaseFacts {
  /** Why it could not be looked at; null: it could. */
  problem: string | null
  /** Applied, and not in the target: oldest first. */
  ahead: string[]
  /** The target needs them, and they are not applied. */
  missing: string[]
  /** Taking those down, newest first, with the files of the release that applied them; or why that is not possible. */
  down: { ok: true; migrations: string[]; runner: ReleaseId } | { ok: false; why: string }
  /** How the way back from what serves to the target was rehearsed; null: it never was. */
  proof: Proof | null
  /** What a way down would take away, counted now; null: it was not rehearsed, or could not be counted. */
  lostByDown: Loss[] | null
  /** The newest whole one with exactly the target's schema; null: there is none. */
  checkpoint: FittingCheckpoint | null
}

export interface FittingCheckpoint {
  id: CheckpointId
  createdAt: string
  bytes: number
  /** It was restored for trial and was right. */
  verified: boolean
  /** How long restoring and comparing it took then, ms; null: it never was. */
  trialMs: number | null
  /** What going back to it takes away, and salvage can bring back; null: could not be counted. */
  written: WrittenTable[] | null
}

/**
 * How the data goes along. `keep`: it stays as it is, only code and configuration go back · `down`: migrations are taken
 * down, then the code goes back · `restore`: a checkpoint is restored beside and swapped in, then the code goes back.
 */
export type DataWay = 'keep' | 'down' | 'restore'
