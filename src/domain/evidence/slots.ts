/** The first minute after a switch is also judged in slots of a second, by a book of its own. */
export const ARRIVAL_MS = 60_000
export const ARRIVAL_SLOT_MS = 1_000

/** A look that comes a little early still ends its slot: looks have jitter, and slots should not be one look longer for it. */
const EARLY = 0.1

/** Since when the open slot is open, epoch ms; null before the first look. */
export type OpenSlot = number | null

/**
 * Whether a look that ends at `at` ends the slot that it is in, and since when the one that is open then is. Slots follow the looks:
 * one that comes late, or after a gap, makes its slot longer and never two of it, because what happened when inside of it is
 * not known.
 */
export function nextSlot(
  open: OpenSlot,
  { at, slotMs, origin }: { at: number; slotMs: number; origin: number },
): { began: number; open: number; ends: boolean } {
  const since = open ?? origin + (Math.ceil((at - origin) / slotMs) - 1) * slotMs
  // The clock was set back: the slot begins anew, with what it has.
  if (at < since) return { began: at, open: at, ends: false }
  const ends = at - since >= slotMs * (1 - EARLY)
  return { began: since, open: ends ? at : since, ends }
}
