import { addLogs, sumLogs } from './logarithms.ts'

/**
 * Evidence as money (Shafer 2021, "Testing by betting"; Waudby-Smith and Ramdas 2024, "Estimating means of bounded random
 * variables by betting").
 *
 * The hypothesis is "whatever happened before, the share of bad answers to be expected next is at most p0". Who believes
 * that must sell a ticket that pays the share of bad answers for p0, so a player who begins with 1 and stakes a fraction c of
 * its money each time multiplies it by
 *
 *     1 - c + c * (bad / total) / p0
 *
 * If the hypothesis holds, nobody can expect to gain: the expected money stays at most 1 however the answers hang together
 * inside a slot, and by Ville's inequality the chance that it *ever* reaches 1 / alpha, over all looks for the life of the
 * release, is at most alpha. So the money is the evidence, 1 / alpha is the threshold, and one may look as often as one likes.
 *
 * Which c is best depends on the true share, so there are several players (a mixture): their money together has the same
 * property. When the trouble begins is not known either, so not all money is handed out at the start ({@link Spending}).
 */
export interface Book {
  /** p0: the share of bad answers that is still all right, in (0, 1). */
  rate: number
  /** What fraction of its money each player stakes, in (0, 1). */
  stakes: readonly number[]
  /** How the money is divided among them; together 1. */
  weights: readonly number[]
  spending: Spending
  /**
   * True: each request is a bet of its own (a likelihood ratio). The fastest there is, and right only where requests fail
   * independently. False: a slot is one bet on its share, so that a burst of errors counts once and not a thousand times.
   */
  perRequest: boolean
}

/**
 * When the money is handed out: some at the start, some evenly over the next bets, the rest ever slower but without an end.
 * A fault that begins later is found with the money handed out then, as if the watch had begun there, so it costs a few nats
 * more (the logarithm of that share) instead of first making up for all the healthy hours.
 */
export interface Spending {
  atStart: number
  /** Handed out evenly over the first {@link bets} bets; what is left after it falls as 1 / t² from there on. */
  early: number
  bets: number
}

/** Plain data, and of the same size forever. */
export interface Wealth {
  /** ln of each player's money. */
  logs: readonly number[]
  /** Bets so far. */
  bets: number
}

export const ALL_AT_START: Spending = { atStart: 1, early: 0, bets: 1 }

/** What is handed out before the bet that follows `bets` earlier ones. */
export function handedOut({ atStart, early, bets: first }: Spending, bets: number): number {
  if (bets === 0) return 0
  return bets <= first ? early / first : ((1 - atStart - early) * first) / (bets * (bets - 1))
}

/** What is still kept after `bets` bets: 1 less everything that {@link handedOut} has given. */
export function keptBack({ atStart, early, bets: first }: Spending, bets: number): number {
  const late = 1 - atStart - early
  const given = Math.max(0, bets - 1)
  return given < first ? late + early * (1 - given / first) : (late * first) / given
}

export function startWealth({ weights, spending }: Book): Wealth {
  return { logs: weights.map((weight) => Math.log(weight * spending.atStart)), bets: 0 }
}

/** One slot, or one look where each request is a bet. Without requests there is nothing to bet on. */
export function bet(book: Book, wealth: Wealth, bad: number, total: number): Wealth {
  if (total === 0) return wealth
  const fresh = Math.log(handedOut(book.spending, wealth.bets))
  const logs = wealth.logs.map((log, player) => {
    const stake = book.stakes[player] ?? 0
    const handed = fresh + Math.log(book.weights[player] ?? 0)
    return addLogs(log, handed) + logGain(book, stake, bad, total)
  })
  return { logs, bets: wealth.bets + 1 }
}

/** ln of what one player's money is multiplied by. */
export function logGain(
  { rate, perRequest }: Pick<Book, 'rate' | 'perRequest'>,
  stake: number,
  bad: number,
  total: number,
): number {
  if (!perRequest) return Math.log1p(stake * (bad / total / rate - 1))
  return bad * Math.log1p(stake * (1 / rate - 1)) + (total - bad) * Math.log1p(-stake)
}

/** The evidence: ln of all money, what is still kept back included. */
export function logWealth({ spending }: Book, { logs, bets }: Wealth): number {
  const kept = keptBack(spending, bets)
  return addLogs(sumLogs(logs), Math.log(kept))
}
