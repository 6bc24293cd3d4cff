import { randomUUID } from 'node:crypto'
import type Database from 'libsql'
import { OperatorError } from '../errors/operator-error.ts'
import type { Lease, LeaseHolder } from '../ports/journal.ts'
import { inTransaction } from './transaction.ts'

interface LeaseRow {
  token: string
  holder: string
  reason: string
  since: number
  heartbeat_at: number
  expires_at: number
}

/**
 * An expired lease is nobody's: its holder cannot renew it even if nobody has taken it over, because another operator
 * may have been told meanwhile that the way is free.
 */
export function takeLease(
  db: Database.Database,
  wanted: { service: string; holder: string; reason: string; ttlMs: number },
  now: number,
): { ok: true; lease: Lease } | { ok: false; heldBy: LeaseHolder } {
  return inTransaction(db, () => {
    const heldBy = findHolder(db, wanted.service, now)
    if (heldBy !== null) return { ok: false, heldBy }
    const token = randomUUID()
    db.prepare(
      `INSERT OR REPLACE INTO leases (service, token, holder, reason, since, heartbeat_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ).run(wanted.service, token, wanted.holder, wanted.reason, now, now, now + wanted.ttlMs)
    return { ok: true, lease: { service: wanted.service, token } }
  })
}

export function renewLease(db: Database.Database, lease: Lease, ttlMs: number, now: number): boolean {
  const renewed = db
    .prepare(
      'UPDATE leases SET heartbeat_at = ?, expires_at = ? WHERE service = ? AND token = ? AND expires_at > ?',
    )
    .run(now, now + ttlMs, lease.service, lease.token, now)
  return renewed.changes === 1
}

export function dropLease(db: Database.Database, lease: Lease): void {
  db.prepare('DELETE FROM leases WHERE service = ? AND token = ?').run(lease.service, lease.token)
}

export function findHolder(db: Database.Database, service: string, now: number): LeaseHolder | null {
  const row = db.prepare('SELECT * FROM leases WHERE service = ? AND expires_at > ?').get(service, now) as
    | LeaseRow
    | undefined
  if (row === undefined) return null
  return {
    holder: row.holder,
    reason: row.reason,
    since: new Date(row.since).toISOString(),
    heartbeatAt: new Date(row.heartbeat_at).toISOString(),
    expiresAt: new Date(row.expires_at).toISOString(),
  }
}

/** Called inside the transaction that writes: between this look and the write nobody can take the lease over. */
export function requireLease(db: Database.Database, lease: Lease, now: number): void {
  const held = db
    .prepare('SELECT 1 FROM leases WHERE service = ? AND token = ? AND expires_at > ?')
    .get(lease.service, lease.token, now)
  if (held === undefined) throw new OperatorError('LEASE_LOST')
}
