const HALF = 2n ** 31n
const WHOLE = 2n ** 32n

/** Whether the transaction that wrote a row can say if that was after the checkpoint. */
export type TransactionWindow =
  | {
      usable: true
      /** The next transaction's number, without its epoch: what `xmin` is measured from. */
      next: string
      /** A row whose xmin is at most this far behind `next` is younger than the checkpoint. */
      width: string
      /** The counter has gone round: rows of four thousand million transactions ago look young. */
      wrapped: boolean
    }
  | { usable: false; why: string }

/**
 * @param snapshotXmin 64 bits with the epoch, of the checkpoint's snapshot
 * @param next 64 bits with the epoch, of a snapshot taken now (pg_snapshot_xmax)
 */
export function transactionWindow(snapshotXmin: string, next: string): TransactionWindow {
  if (!/^\d+$/.test(snapshotXmin) || !/^\d+$/.test(next))
    return { usable: false, why: 'the checkpoint does not say at which transaction it was taken' }
  const from = BigInt(snapshotXmin)
  const to = BigInt(next)
  if (from > to)
    return {
      usable: false,
      why: 'the checkpoint is of another server, or of this one before it was set up anew',
    }
  const width = to - from
  // From here on xmin, which has 32 bits, reads young rows as old ones.
  if (width >= HALF)
    return { usable: false, why: 'more than two thousand million transactions have passed since' }
  return { usable: true, next: String(to % WHOLE), width: String(width), wrapped: to >= WHOLE }
}

/** SQL that is true for rows written inside the window. 1 and 2 are PostgreSQL's own, from before any transaction. */
export function writtenInside(window: TransactionWindow & { usable: true }, alias: string): string {
  const xmin = `${alias}.xmin::text::bigint`
  return `(${xmin} >= 3 and (${window.next} - ${xmin} + ${WHOLE}) % ${WHOLE} between 1 and ${window.width})`
}
