import type { DamagedMark, DatabaseMark, FrozenMark, NextMark, NextState } from './database-mark.ts'

/** One restore: a second database from a checkpoint, and its way into the place of the live one. */
export interface Restore {
  /** Never used twice for this database; see isRestoreId. */
  id: string
  checkpoint: string
}

export interface FoundDatabase<Mark extends DatabaseMark | null = DatabaseMark | null> {
  name: string
  oid: number
  allowsConnections: boolean
  bytes: number | null
  mark: Mark
}

/** What the server says about one database and everything that restores made of it. */
export interface DatabasesView {
  database: string
  /** Null: there is no database of this name. */
  live: FoundDatabase<FrozenMark | null> | null
  /** Oldest first, as the next. */
  next: FoundDatabase<NextMark>[]
  damaged: FoundDatabase<DamagedMark>[]
  /** A swap is running on the server at this moment: nobody may touch anything until it has ended, in seconds. */
  swapRunning: boolean
}

export interface RestoreView extends DatabasesView {
  /** Null: no PgBouncer is configured, or it does not answer (then `pgbouncerProblem` says why). */
  pgbouncer: { paused: boolean } | null
  pgbouncerProblem: string | null
}

/** How far a restore is. `superseded`: it was swapped in, and so was another one after it. */
export type RestoreStage = 'none' | NextState | 'swapped' | 'superseded'

export function stageOf(view: DatabasesView, restore: string): RestoreStage {
  const kept = view.damaged.find(({ mark }) => mark.restore === restore)
  if (kept !== undefined) return kept.mark.replacedBy === view.live?.oid ? 'swapped' : 'superseded'
  return view.next.find(({ mark }) => mark.restore === restore)?.mark.state ?? 'none'
}

/** Everything up to the swap is done. What was carried may still be carried again, until the swap. */
export function isPrepared(stage: RestoreStage): boolean {
  return ['carried', 'swapping', 'ready', 'swapped', 'superseded'].includes(stage)
}

/** The restore that `restore --undo` takes back: the one whose database serves. */
export function undoable(view: DatabasesView): Restore | null {
  const kept = view.damaged.findLast(({ mark }) => mark.replacedBy === view.live?.oid)
  return kept === undefined ? null : { id: kept.mark.restore, checkpoint: kept.mark.checkpoint }
}

/** One from this checkpoint that was begun and neither ended nor taken back: it is gone on with. */
export function unfinishedOf(view: DatabasesView, checkpoint: string): Restore | null {
  const found = view.next.findLast(({ mark }) => mark.checkpoint === checkpoint && mark.state !== 'undone')
  return found === undefined ? null : { id: found.mark.restore, checkpoint }
}

/** Clients cannot reach a database that is there, and a swap that was cut short is why. */
export function isShut(view: RestoreView): boolean {
  return (isSwapping(view) && view.live?.allowsConnections === false) || view.pgbouncer?.paused === true
}

/** By the marks: between the first refused connection and the renaming, or cut short there. */
export function isSwapping({ next, damaged }: DatabasesView): boolean {
  return [...next, ...damaged].some(({ mark }) => mark.state === 'swapping' || mark.state === 'ready')
}

/** What dropExpired drops. */
export function expiredOf(view: DatabasesView, now: number): FoundDatabase<NextMark | DamagedMark>[] {
  const inUse = view.live?.oid
  const kept = [...view.next, ...view.damaged]
  return kept.filter(({ oid, mark }) => oid !== inUse && Date.parse(mark.expires) <= now)
}

export interface SpaceCheck {
  /** What the second database is expected to take. */
  neededBytes: number
  /** Null: the server is not on this host, or does not say where its files are. */
  freeBytes: number | null
}

export interface FreezeResult {
  /** Sessions that were ended so that their next one is read-only. */
  ended: number
  alreadyFrozen: boolean
  /** What may still write, for the operator. */
  notStopped: string[]
}

export interface BesideContent {
  tables: number
  rows: number
  /** Null: not measured, as in a repeated step. */
  ms: number
}

export interface CarriedOver {
  sequences: number
  settings: number
  grants: number
  ms: number
}

export interface SwapResult {
  /** What served before, under its new name; null: there was none. */
  kept: string | null
  keptUntil: string | null
  /** From the first refused connection to the first that is taken again; null: it was found done. */
  unavailableMs: number | null
  /** Sequences that had to be moved in between. */
  sequencesMoved: number
  throughPgbouncer: boolean
}

export interface Dropped {
  dropped: string[]
  /** Expired, and not dropped: why. */
  left: { name: string; reason: string }[]
}
