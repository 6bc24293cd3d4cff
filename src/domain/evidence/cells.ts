import { addLogs, meanLogs } from './logarithms.ts'
import { handedOut, keptBack, logGain, type Spending } from './wealth.ts'

/**
 * "The new one is not worse than the other", split by where the line between them might lie: for some x the other has at most
 * this share of good answers by it, and the new one at most that share of bad ones. If the hypothesis holds, it holds in one
 * cell, and there nobody can gain by betting on both; so the evidence is the *least* wealth over all cells (after Howard and
 * Ramdas 2022, "Sequential estimation of quantiles", on A/B tests).
 */
export interface Cell {
  /** The other's good answers are at most this share... */
  otherGood: number
  /** ...and the new one's bad ones at most this. 1: nothing to bet on. */
  newBad: number
}

/** Of one look: how many of how many, for each cell. */
export interface CellCounts {
  otherGood: readonly number[]
  otherTotal: number
  newBad: readonly number[]
  newTotal: number
}

/** Plain data. */
export interface CellsState {
  /** ln of the wealth in each cell. */
  logs: readonly number[]
  bets: number
  /** The last {@link MEMORY} answers or so, by which the next stakes are chosen. */
  lately: CellCounts
}

const MEMORY = 500
const SPENDING: Spending = { atStart: 0.5, early: 0.25, bets: 720 }

export function startCells(cells: readonly Cell[]): CellsState {
  const none = cells.map(() => 0)
  return {
    logs: none.map(() => Math.log(SPENDING.atStart)),
    bets: 0,
    lately: { otherGood: none, otherTotal: 0, newBad: none, newTotal: 0 },
  }
}

/** Each answer is a bet; its stake is the best one if things go on as they went lately. What was not seen yet is not bet on. */
export function betCells(cells: readonly Cell[], state: CellsState, look: CellCounts): CellsState {
  const fresh = Math.log(handedOut(SPENDING, state.bets))
  const logs = cells.map((cell, i) => {
    const { lately } = state
    const other = gain(
      cell.otherGood,
      lately.otherGood[i],
      lately.otherTotal,
      look.otherGood[i],
      look.otherTotal,
    )
    const newer = gain(cell.newBad, lately.newBad[i], lately.newTotal, look.newBad[i], look.newTotal)
    return addLogs(state.logs[i] ?? 0, fresh) + other + newer
  })
  return { logs, bets: state.bets + 1, lately: forget(addLooks(state.lately, look)) }
}

export function logCells({ logs, bets }: CellsState): number {
  return addLogs(Math.min(...logs), Math.log(keptBack(SPENDING, bets)))
}

/** Several comparisons of the same answers: their mean. */
export function logComparisons(states: readonly CellsState[]): number {
  return meanLogs(states.map(logCells))
}

function gain(rate: number, hitsLately = 0, totalLately = 0, hits = 0, total = 0): number {
  if (totalLately === 0 || total === 0 || rate <= 0 || rate >= 1) return 0
  const share = (hitsLately + 0.5) / (totalLately + 1)
  const stake = Math.max(0, (share - rate) / (1 - rate))
  return logGain({ rate, perRequest: true }, stake, hits, total)
}

function addLooks(a: CellCounts, b: CellCounts): CellCounts {
  return {
    otherGood: a.otherGood.map((each, i) => each + (b.otherGood[i] ?? 0)),
    otherTotal: a.otherTotal + b.otherTotal,
    newBad: a.newBad.map((each, i) => each + (b.newBad[i] ?? 0)),
    newTotal: a.newTotal + b.newTotal,
  }
}

function forget(counts: CellCounts): CellCounts {
  const other = Math.min(1, MEMORY / counts.otherTotal)
  const newer = Math.min(1, MEMORY / counts.newTotal)
  return {
    otherGood: counts.otherGood.map((each) => each * other),
    otherTotal: counts.otherTotal * other,
    newBad: counts.newBad.map((each) => each * newer),
    newTotal: counts.newTotal * newer,
  }
}
