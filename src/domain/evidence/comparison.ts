import { betCells, type Cell, type CellCounts, type CellsState, logComparisons, startCells } from './cells.ts'
import type { Counts } from './counts.ts'
import { countAbove, countWithin, totalOf } from './latency-counts.ts'

/** Errors: the new one is worse when it has more than this many times the other's share of errors. */
const WORSE = 2
const SHARES = [0, 0.0025, 0.005, 0.01, 0.015, 0.025, 0.04, 0.06, 0.09, 0.13, 0.2, 0.3, 0.4, 0.5]
const QUANTILES = [0.5, 0.9, 0.99]
/** 1 ms to 2 min. */
const EDGES = [0, ...Array.from({ length: 65 }, (_, i) => 1.2 ** i)]
/** After so long without the other it is no longer a comparison "at the same time". */
const STALE_MS = 60_000
/** What has answered fewer requests than this tells nothing about anybody. */
const FEWEST_REQUESTS = 20

/** Two releases that serve at once. Plain data. */
export interface Comparison {
  errors: CellsState
  /** One for each quantile; null until both had latencies. */
  slow: readonly CellsState[] | null
  /** The other's, since it began to serve beside. */
  requests: number
  /** Epoch ms. */
  lastAt: number
}

/** For every x in [SHARES[i], SHARES[i + 1]]: the bounds are those of the end that is harder to show. */
const errorCells: Cell[] = SHARES.map((share, i) => ({
  otherGood: 1 - share,
  newBad: Math.min(1, WORSE * (SHARES[i + 1] ?? 1)),
}))

const slowCells = (quantile: number): Cell[] =>
  EDGES.map((_, i) => ({ otherGood: quantile, newBad: i === EDGES.length - 1 ? 1 : 1 - quantile }))

export function compare(
  before: Comparison | null,
  look: { at: number; counts: Counts; other: Counts; slowdown: number },
): Comparison {
  const { at, counts, other } = look
  const fresh = before === null || at - before.lastAt > STALE_MS
  const { errors, slow, requests } = fresh
    ? { errors: startCells(errorCells), slow: null, requests: 0 }
    : before
  return {
    errors: betCells(errorCells, errors, errorCounts(counts, other)),
    slow: compareLatency(slow, look),
    requests: requests + other.requests,
    lastAt: at,
  }
}

function compareLatency(
  before: readonly CellsState[] | null,
  { counts, other, slowdown }: { counts: Counts; other: Counts; slowdown: number },
): readonly CellsState[] | null {
  const [newer, older] = [counts.latency, other.latency]
  if (newer === null || older === null) return before
  const look: CellCounts = {
    otherGood: EDGES.map((edge) => countWithin(older, edge)),
    otherTotal: totalOf(older),
    newBad: EDGES.map((_, i) => countAbove(newer, (1 + slowdown) * (EDGES[i + 1] ?? 0))),
    newTotal: totalOf(newer),
  }
  return QUANTILES.map((quantile, i) => {
    const cells = slowCells(quantile)
    return betCells(cells, before?.[i] ?? startCells(cells), look)
  })
}

function errorCounts(counts: Counts, other: Counts): CellCounts {
  return {
    otherGood: SHARES.map(() => other.requests - other.errors),
    otherTotal: other.requests,
    newBad: SHARES.map(() => counts.errors),
    newTotal: counts.requests,
  }
}

/** Whether there is another release to be held against, and the new one was not shown to be worse than it. */
export function isVetoed(
  comparison: Comparison | null,
  trigger: 'error-rate' | 'slowdown',
  { at, threshold }: { at: number; threshold: number },
): boolean {
  if (comparison === null || at - comparison.lastAt > STALE_MS) return false
  if (comparison.requests < FEWEST_REQUESTS) return false
  if (trigger === 'error-rate') return logComparisons([comparison.errors]) < threshold
  return comparison.slow !== null && logComparisons(comparison.slow) < threshold
}
