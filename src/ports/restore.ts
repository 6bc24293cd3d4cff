import type { Checkpoint } from '../domain/checkpoint.ts'
import type {
  BesideContent,
  CarriedOver,
  Dropped,
  FreezeResult,
  Restore,
  RestoreView,
  SpaceCheck,
  SwapResult,
} from '../domain/restore.ts'

/**
 * A restore that never writes into the live database: a second one is built, compared and made ready, and then the two
 * change names. Every operation is convergent and leaves marks on the databases themselves, so `observe` tells at any
 * moment, also after a SIGKILL, how far each restore is (`stageOf`).
 */
export interface Restoration {
  /**
   * Everything that can be known beforehand: rights, versions, roles, extensions, and what would be in the way of the swap.
   * @throws OperatorError RESTORE_NOT_ALLOWED, SWAP_BLOCKED, DB_SERVER_OLDER, DB_ROLE_MISSING, DB_EXTENSION_MISSING, ...
   */
  checkBefore(checkpoint: Checkpoint): Promise<void>
  /** @throws OperatorError DB_NO_SPACE */
  checkSpace(checkpoint: Checkpoint): Promise<SpaceCheck>

  /**
   * Sessions of the live database are read-only from its return on. Also stops damage from spreading while a person thinks.
   * It does not stop a session that asks for READ WRITE itself, nor what a superuser does.
   * @throws OperatorError FREEZE_NOT_HELD
   */
  freezeWrites(reason: string): Promise<FreezeResult>
  /** As it was before. One that was replaced while it was read-only stays so until it is taken back. */
  unfreezeWrites(): Promise<{ unfrozen: string[] }>

  /** @throws OperatorError DB_NAME_TAKEN, and what building throws */
  buildBeside(restore: Restore, checkpoint: Checkpoint, signal: AbortSignal): Promise<BesideContent>
  /** Every table, row for row by hash, against the manifest. @throws OperatorError RESTORE_DIFFERS, RESTORE_NOT_READY */
  verifyBeside(restore: Restore, checkpoint: Checkpoint): Promise<BesideContent>
  /**
   * Owner, grants, settings, connection limit of the live database, sequences past its own; ANALYZE.
   * @throws OperatorError RESTORE_NOT_READY
   */
  carryOver(restore: Restore, checkpoint: Checkpoint): Promise<CarriedOver>

  /**
   * The one moment in which nobody can connect. The server itself ends it, one way or the other, when this process dies.
   * @throws OperatorError SWAP_BLOCKED (nothing was refused), SWAP_GAVE_UP (put back), RESTORE_NOT_READY
   */
  swap(restore: Restore): Promise<SwapResult>
  /** The same the other way round. @throws OperatorError NOTHING_TO_UNDO, SWAP_BLOCKED, SWAP_GAVE_UP */
  undoSwap(restore: Restore): Promise<SwapResult>
  /** After a swap that was cut short: waits for its end on the server, then lets everybody in again. */
  reopen(): Promise<{ reopened: boolean }>

  /** Changes nothing. */
  observe(): Promise<RestoreView>

  /** What a restore that will not be finished has built. Never what serves. */
  dropBeside(restore: Restore): Promise<Dropped>
  /** Kept databases whose time is over, at `now` (epoch ms). */
  dropExpired(now: number): Promise<Dropped>
}
