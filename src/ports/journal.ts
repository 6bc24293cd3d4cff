import type { JournalEvent, NewEvent } from '../domain/event.ts'

export interface ChainReport {
  ok: boolean
  events: number
  /** Sequence number of the first event that does not fit, and why; null when all is well. */
  broken: { seq: number; reason: string } | null
  head: string
}

/** The append-only event log: the only memory. One contract suite for every adapter. */
export interface Journal {
  /**
   * All or nothing, in order, durable when it returns. With `fence`, in the same transaction, only while that lease is
   * still held.
   * @throws OperatorError HOME_READ_ONLY, JOURNAL_DAMAGED, DISK_FULL, LEASE_LOST
   */
  append(events: readonly NewEvent[], fence?: Lease): Promise<JournalEvent[]>
  /** In order of `seq`. `seqs`: these and no others. */
  read(filter?: { service?: string; after?: number; seqs?: readonly number[] }): Promise<JournalEvent[]>
  /** The same, one after the other: a long journal is never held whole. */
  each(filter: { after?: number }, visit: (event: JournalEvent) => void): Promise<void>
  /** `seq` of the newest event of this service; 0 when there is none. */
  position(service: string): Promise<number>
  verify(): Promise<ChainReport>
  close(): Promise<void>
}

/** Proof that this process may act. Lost when it is not renewed in time. */
export interface Lease {
  service: string
  token: string
}

export interface LeaseHolder {
  holder: string
  reason: string
  since: string
  heartbeatAt: string
  expiresAt: string
}

/** One run at a time per service. Kept beside the journal, so that both are fenced by one transaction. */
export interface Leases {
  /** Takes it, or tells who has it. An expired one is taken over. */
  acquire(
    service: string,
    holder: string,
    reason: string,
    ttlMs: number,
  ): Promise<{ ok: true; lease: Lease } | { ok: false; heldBy: LeaseHolder }>
  /** False when it is no longer ours: stop at once. */
  renew(lease: Lease, ttlMs: number): Promise<boolean>
  release(lease: Lease): Promise<void>
  current(service: string): Promise<LeaseHolder | null>
}
