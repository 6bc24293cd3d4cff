import { type History, NO_HISTORY, remember } from './history.ts'
import { meanLogs } from './logarithms.ts'
import { type Book, bet, logWealth, startWealth, type Wealth } from './wealth.ts'

/** What a slot that is still open has seen, one number for each series. */
export interface Tally {
  /** Answers, or more where a series knows of requests that are open and late. */
  total: number
  bad: readonly number[]
  /** How many could have been bad: a request that is open may be late for one limit and not yet for another. */
  of: readonly number[]
  good: readonly number[]
}

/**
 * What a trigger weighs. It may look at several series of the same answers (six quantiles): the evidence against a release is
 * their mean, which keeps the bound for "none of them is bad"; the evidence for it is the least of them.
 */
export interface Books {
  against: readonly Book[]
  /** The first minute's, with slots of its own; null: not for this trigger. */
  onArrival: Book | null
  inFavour: readonly Book[]
}

/** When it crossed its threshold, and what had been seen until then. */
export interface Fired {
  at: number
  logE: number
  requests: number
  bad: number
  onArrival: boolean
}

/** Plain data, and of the same size forever. */
export interface TriggerState {
  against: readonly Wealth[]
  onArrival: Wealth | null
  inFavour: readonly Wealth[]
  open: Tally
  openOnArrival: Tally
  seen: Tally
  /** Slots that had requests. */
  slots: number
  bad: Fired | null
  fine: Fired | null
  history: History
}

export function emptyTally({ against, inFavour }: Books): Tally {
  return { total: 0, bad: against.map(() => 0), of: against.map(() => 0), good: inFavour.map(() => 0) }
}

export function startTrigger(books: Books): TriggerState {
  const empty = emptyTally(books)
  return {
    against: books.against.map(startWealth),
    onArrival: books.onArrival === null ? null : startWealth(books.onArrival),
    inFavour: books.inFavour.map(startWealth),
    open: empty,
    openOnArrival: empty,
    seen: empty,
    slots: 0,
    bad: null,
    fine: null,
    history: NO_HISTORY,
  }
}

export function addTallies(a: Tally, b: Tally): Tally {
  return {
    total: a.total + b.total,
    bad: a.bad.map((each, i) => each + (b.bad[i] ?? 0)),
    of: a.of.map((each, i) => each + (b.of[i] ?? 0)),
    good: a.good.map((each, i) => each + (b.good[i] ?? 0)),
  }
}

/** What a look saw goes into the open slots. */
export function collect(state: TriggerState, look: Tally, arriving: boolean): TriggerState {
  return {
    ...state,
    open: addTallies(state.open, look),
    openOnArrival: arriving ? addTallies(state.openOnArrival, look) : state.openOnArrival,
    seen: addTallies(state.seen, look),
  }
}

/** The open slot is over: bet on it, and open the next. A slot without requests is no evidence of anything. */
export function closeSlot(books: Books, state: TriggerState): TriggerState {
  const { open } = state
  if (open.total === 0) return state
  const play = (book: Book, wealth: Wealth | undefined, hits = 0, total = 0) =>
    bet(book, wealth ?? startWealth(book), hits, total)
  return {
    ...state,
    against: books.against.map((book, i) => play(book, state.against[i], open.bad[i], open.of[i])),
    inFavour: books.inFavour.map((book, i) => play(book, state.inFavour[i], open.good[i], open.total)),
    open: emptyTally(books),
    slots: state.slots + 1,
  }
}

export function closeArrivalSlot(books: Books, state: TriggerState): TriggerState {
  const { openOnArrival, onArrival } = state
  if (onArrival === null || books.onArrival === null || openOnArrival.total === 0) return state
  return {
    ...state,
    onArrival: bet(books.onArrival, onArrival, openOnArrival.bad[0] ?? 0, openOnArrival.of[0] ?? 0),
    openOnArrival: emptyTally(books),
  }
}

/**
 * ln of the evidence against the release. Where the first minute has a book of its own, each of the two books may convict at
 * half of alpha: they look at different slots, so it is the sum of their chances to err that is bounded, not that of a mean.
 */
export function logAgainst(
  books: Books,
  state: TriggerState,
  arriving: boolean,
): { logE: number; onArrival: boolean } {
  if (books.against.length === 0) return { logE: 0, onArrival: false }
  const steady = meanLogs(
    books.against.map((book, i) => logWealth(book, state.against[i] ?? startWealth(book))),
  )
  if (books.onArrival === null || state.onArrival === null) return { logE: steady, onArrival: false }
  const arrival = arriving ? logWealth(books.onArrival, state.onArrival) : Number.NEGATIVE_INFINITY
  return { logE: Math.max(steady, arrival) - Math.LN2, onArrival: arrival > steady }
}

/** ln of the evidence for it. */
export function logInFavour({ inFavour }: Books, state: TriggerState): number {
  return Math.min(...inFavour.map((book, i) => logWealth(book, state.inFavour[i] ?? startWealth(book))))
}

/** The series that speaks loudest against the release. */
export function loudest({ against }: Books, state: TriggerState): number {
  const logs = against.map((book, i) => logWealth(book, state.against[i] ?? startWealth(book)))
  return logs.indexOf(Math.max(...logs))
}

/**
 * A verdict is for good: what was proven once stays proven, with the moment and the counts. After "bad" nothing is added any
 * more; "fine" may still become "bad".
 */
export function conclude(
  books: Books,
  state: TriggerState,
  look: { at: number; threshold: number; arriving: boolean; vetoed: boolean; closed: boolean },
): TriggerState {
  const { at, threshold } = look
  const { logE, onArrival } = logAgainst(books, state, look.arriving)
  const series = loudest(books, state)
  const requests = state.seen.of[series] ?? state.seen.total
  const bad = state.seen.bad[series] ?? 0
  const fired = { at, logE, requests, bad, onArrival }
  const inFavour = books.inFavour.length === 0 ? Number.NEGATIVE_INFINITY : logInFavour(books, state)
  const isFine = state.fine === null && inFavour >= threshold
  return {
    ...state,
    bad: logE >= threshold && !look.vetoed ? fired : null,
    fine: isFine ? { ...fired, logE: inFavour, onArrival: false } : state.fine,
    history: look.closed ? remember(state.history, { at, logE, requests, bad }) : state.history,
  }
}
