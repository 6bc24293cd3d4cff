import type { Bound } from '../../domain/salvage.ts'

/**
 * What can be said from three figures alone. `written` counts rows that are there now and were inserted or updated since,
 * and may count too many (a transaction that began before the checkpoint), never too few. With I inserted (and still
 * there), U updated, D deleted: now = then + I - D, and I + U <= written.
 */
export function boundWrites(
  then: number,
  now: number,
  written: number,
): Record<'inserted' | 'updated' | 'deleted', Bound> {
  // At least what the table grew by; all of what is there when nothing was there before.
  const least = Math.max(0, now - then)
  const most = Math.max(least, Math.min(written, now))
  return {
    inserted: { from: least, to: most },
    updated: { from: 0, to: Math.min(most - least, then) },
    deleted: { from: then - now + least, to: Math.min(then, then - now + most) },
  }
}

/** When nothing says which rows are new: everything between "only the difference" and "all of it". */
export function boundByCounts(then: number, now: number): ReturnType<typeof boundWrites> {
  return boundWrites(then, now, now)
}
