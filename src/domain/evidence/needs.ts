import { binomial } from './binomial.ts'
import { addLogs, sumLogs } from './logarithms.ts'
import { type Book, handedOut, logGain, type Wealth } from './wealth.ts'

/** Up to here the share of a slot is averaged over what chance makes of it; above it hardly varies. */
const SMALL_SLOT = 60
const ROUNDING = 1e-9

/** How things go on: the same share of bad answers, the same traffic. */
export interface Outlook {
  /** ln of the evidence that is needed. */
  threshold: number
  share: number
  /** In a slot, above 0. Of no account where each request is a bet. */
  requests: number
  /** Of these, already in the slot that is open. */
  inOpenSlot: number
}

/**
 * How many more requests it takes until `wealth` reaches the threshold, at this outlook: all players go on from what they have
 * or are about to be handed. Null: none of them gains at this share.
 */
export function requestsUntil(book: Book, wealth: Wealth, outlook: Outlook): number | null {
  const { threshold, requests, inOpenSlot } = outlook
  const fresh = Math.log(handedOut(book.spending, Math.max(1, wealth.bets)))
  const gainOf = meanGain(book, outlook)
  const players = book.stakes.map((stake, player) => ({
    log: addLogs(wealth.logs[player] ?? 0, fresh + Math.log(book.weights[player] ?? 0)),
    gain: gainOf(stake),
  }))
  const alone = players.map(({ log, gain }) =>
    gain > 0 ? (threshold - log) / gain : Number.POSITIVE_INFINITY,
  )
  let enough = Math.ceil(Math.max(0, Math.min(...alone)))
  if (enough === Number.POSITIVE_INFINITY) return null
  // One of them would get there alone; all together do a little earlier.
  let tooFew = 0
  while (enough - tooFew > 1) {
    const middle = Math.floor((tooFew + enough) / 2)
    const together = sumLogs(players.map(({ log, gain }) => log + middle * gain))
    if (together >= threshold - ROUNDING) enough = middle
    else tooFew = middle
  }
  if (book.perRequest) return Math.max(1, enough)
  return Math.max(1, Math.ceil(enough * requests - inOpenSlot - ROUNDING))
}

/** Gives each stake the mean of ln of what a bet multiplies its money by: of one request, or of one slot. */
function meanGain(book: Book, { share, requests }: Outlook): (stake: number) => number {
  const size = Math.max(1, Math.round(requests))
  if (book.perRequest || size > SMALL_SLOT) return (stake) => logGain(book, stake, share, 1)
  const chances = binomial(size, share)
  return (stake) => chances.reduce((sum, chance, bad) => sum + chance * logGain(book, stake, bad, size), 0)
}
