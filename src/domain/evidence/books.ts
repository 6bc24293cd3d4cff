import { ALL_AT_START, type Book, type Spending } from './wealth.ts'

/**
 * The stakes. With p0 = 5 % the twelve are the likelihood ratios against 5.8, 6.4, 7.1, 8.2, 10, 13, 17, 25, 37, 65, 85 and
 * 99 % errors. Measured (exact, one look a request, alpha 1e-3, bench `detect`): the mean number of requests to a verdict is 1.27 to 1.33 times the
 * least possible at every true rate from 6 to 100 %, and three failures of three are enough.
 */
const LOWEST_STAKE_OF_RATE = 1 / 6
const UPPER_STAKES = [0.63, 0.84, 0.99]
const LOWER_STAKES = 9

function stakesFor(rate: number): number[] {
  const [first = 1] = UPPER_STAKES
  const lowest = rate * LOWEST_STAKE_OF_RATE
  const lower = Array.from(
    { length: LOWER_STAKES },
    (_, i) => lowest * (first / lowest) ** (i / LOWER_STAKES),
  )
  return [...lower, ...UPPER_STAKES]
}

const evenly = (count: number) => new Array<number>(count).fill(1 / count)

/**
 * Slots: evenly over the first six hours of 5 s slots. Three tenths at the start are enough because the first minute has a
 * book of its own. Thrift pays here: what makes a false verdict under bursts likely is money that is handed out just before
 * three bursts in a row.
 */
const BY_SLOT: Spending = { atStart: 0.3, early: 0.35, bets: 4320 }
/** Requests: what is kept back costs each verdict at the start; 0.2 costs 3 %. */
const BY_REQUEST: Spending = { atStart: 0.8, early: 0.1, bets: 720 }

/** Against "at most `rate` of the answers are bad". */
export function bookAgainst(rate: number, perRequest: boolean): Book {
  const stakes = stakesFor(rate)
  return {
    rate,
    stakes,
    weights: evenly(stakes.length),
    spending: perRequest ? BY_REQUEST : BY_SLOT,
    perRequest,
  }
}

/**
 * Dead on arrival: one-second slots of the first minute, all money at once, and most of it staked each time, so that three
 * slots of nothing but errors convict. A bet this high is lost after a few healthy slots, which is meant: what is alive by
 * then is for the other book.
 */
export function bookOnArrival(rate: number): Book {
  return { rate, stakes: UPPER_STAKES, weights: [0.25, 0.25, 0.5], spending: ALL_AT_START, perRequest: false }
}

/**
 * For a release, the same game turned round: "at least `rate` of the answers are bad", so at most 1 - rate are good. The
 * stakes are the likelihood ratios against a hundredth, a fifth, three fifths and nine tenths of that rate.
 */
export function bookInFavour(rate: number, perRequest: boolean): Book {
  return {
    rate: 1 - rate,
    stakes: [0.99, 0.8, 0.4, 0.12],
    weights: [0.5, 0.2, 0.15, 0.15],
    spending: ALL_AT_START,
    perRequest,
  }
}
