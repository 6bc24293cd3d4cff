import type { ErrorCode } from '../errors/catalog.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Lease, Leases } from '../ports/journal.ts'

interface Beat {
  leaseMs: number
  everyMs: number
  /** What is said when somebody else may have it. */
  lost: ErrorCode
}

/**
 * Renews a lease again and again. One that cannot be renewed is lost, and the signal fires. A journal that cannot be written
 * for a moment, on a full disk or while somebody else has it locked, takes nothing away while the lease still runs.
 * @returns ends it
 */
export function keepLease(
  { journal, clock }: { journal: Pick<Leases, 'renew'>; clock: Pick<Clock, 'now'> },
  lease: Lease,
  { leaseMs, everyMs, lost }: Beat,
  abort: AbortController,
): () => void {
  let renewedAt = clock.now()
  const timer = setInterval(() => {
    const now = clock.now()
    journal.renew(lease, leaseMs).then(
      (ours) => {
        if (ours) renewedAt = now
        else abort.abort(new OperatorError(lost))
      },
      (error: unknown) => {
        if (now - renewedAt >= leaseMs - everyMs) abort.abort(error)
      },
    )
  }, everyMs)
  return () => clearInterval(timer)
}
