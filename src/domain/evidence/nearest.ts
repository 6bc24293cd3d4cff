import type { Fault } from './fault.ts'
import { requestsUntil } from './needs.ts'
import type { JudgePolicy } from './policy.ts'
import { ARRIVAL_SLOT_MS, type OpenSlot } from './slots.ts'
import type { Books, TriggerState } from './trigger.ts'
import type { Book, Wealth } from './wealth.ts'

export interface Nearest {
  needs: number | null
  nearer: 'bad' | 'fine' | null
}

export interface Now {
  policy: JudgePolicy
  threshold: number
  at: number
  open: OpenSlot
  openOnArrival: OpenSlot
  /** The first minute is not over. */
  arriving: boolean
  /** Of the series that speaks loudest. */
  fault: Fault | null
  loudest: number
}

/** The verdict that takes fewer requests if things go on as they went until now, and how many. */
export function nearest(books: Books, state: TriggerState, now: Now): Nearest {
  const { seen } = state
  if (seen.total === 0) return { needs: null, nearer: null }
  const forBad = fewestForBad(books, state, now)
  const forFine = mostForFine(books, state, now)
  if (forBad !== null && (forFine === null || forBad <= forFine)) return { needs: forBad, nearer: 'bad' }
  return { needs: forFine, nearer: forFine === null ? null : 'fine' }
}

function fewestForBad(books: Books, state: TriggerState, now: Now): number | null {
  const { seen, against, onArrival } = state
  const halved = now.threshold + (books.onArrival === null ? 0 : Math.LN2)
  const shared = halved + Math.log(Math.max(1, books.against.length))
  const needs = books.against.flatMap((book, i) => {
    const outlook = steadyOutlook(state, now, shared, shareToCome(state, now, i))
    return until(book, against[i], outlook) ?? []
  })
  if (now.arriving && books.onArrival !== null && onArrival !== null) {
    const inOpenSlot = state.openOnArrival.total
    const requests = perSlot(seen.total - inOpenSlot, onArrival.bets, inOpenSlot, {
      openMs: now.at - (now.openOnArrival ?? now.at),
      slotMs: ARRIVAL_SLOT_MS,
    })
    const outlook = { threshold: halved, share: shareToCome(state, now, 0), requests, inOpenSlot }
    const arrival = until(books.onArrival, onArrival, outlook)
    if (arrival !== null) needs.push(arrival)
  }
  return needs.length === 0 ? null : Math.min(...needs)
}

/** As it went since the fault began, where there seems to be one: the healthy hours before say nothing of how it goes on. */
function shareToCome({ seen }: TriggerState, { fault, loudest }: Now, series: number): number {
  return series === loudest && fault !== null
    ? fault.share
    : (seen.bad[series] ?? 0) / Math.max(1, seen.of[series] ?? 0)
}

function mostForFine(books: Books, state: TriggerState, now: Now): number | null {
  const { seen, inFavour } = state
  const needs = books.inFavour.map((book, i) =>
    until(book, inFavour[i], steadyOutlook(state, now, now.threshold, (seen.good[i] ?? 0) / seen.total)),
  )
  return needs.length === 0 || needs.includes(null) ? null : Math.max(...needs.map((each) => each ?? 0))
}

function steadyOutlook({ seen, open, slots }: TriggerState, now: Now, threshold: number, share: number) {
  const { slotMs } = now.policy
  const inOpenSlot = open.total
  const slot = { openMs: now.at - (now.open ?? now.at), slotMs: slotMs === 'request' ? 1 : slotMs }
  return {
    threshold,
    share,
    requests: perSlot(seen.total - inOpenSlot, slots, inOpenSlot, slot),
    inOpenSlot,
  }
}

/** Requests in a slot, from those that are over; before the first is, from how fast the open one fills. */
function perSlot(
  closed: number,
  slots: number,
  inOpenSlot: number,
  { openMs, slotMs }: { openMs: number; slotMs: number },
): number {
  if (slots > 0) return closed / slots
  return Math.max(1, openMs > 0 ? (inOpenSlot * slotMs) / openMs : inOpenSlot)
}

function until(book: Book, wealth: Wealth | undefined, outlook: Parameters<typeof requestsUntil>[2]) {
  return wealth === undefined ? null : requestsUntil(book, wealth, outlook)
}
