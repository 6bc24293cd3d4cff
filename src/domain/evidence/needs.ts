import { binomial } from './binomial.ts'
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
 * How many more requests it takes until `wealth` reaches the threshold, at this outlook: the quickest of the players, each
 * from what it has or is about to be handed. Null: none of them gains at this share.
 */
export function requestsUntil(book: Book, wealth: Wealth, outlook: Outlook): number | null {
  const { threshold, requests, inOpenSlot } = outlook
  const fresh = handedOut(book.spending, Math.max(1, wealth.bets))
  const bets = book.stakes.map((stake, player) => {
    const gain = meanGain(book, stake, outlook)
    const handed = Math.log(fresh * (book.weights[player] ?? 0))
    const missing = Math.max(0, threshold - Math.max(wealth.logs[player] ?? 0, handed))
    return gain > 0 ? missing / gain : Number.POSITIVE_INFINITY
  })
  const fewest = Math.ceil(Math.min(...bets) - ROUNDING)
  if (fewest === Number.POSITIVE_INFINITY) return null
  if (book.perRequest) return Math.max(1, fewest)
  return Math.max(1, Math.ceil(fewest * requests - inOpenSlot - ROUNDING))
}

/** The mean of ln of what a bet multiplies the money by: of one request, or of one slot. */
function meanGain(book: Book, stake: number, { share, requests }: Outlook): number {
  if (book.perRequest) return logGain(book, stake, share, 1)
  const size = Math.max(1, Math.round(requests))
  if (size > SMALL_SLOT) return logGain(book, stake, share, 1)
  const chances = binomial(size, share)
  return chances.reduce((sum, chance, bad) => sum + chance * logGain(book, stake, bad, size), 0)
}
