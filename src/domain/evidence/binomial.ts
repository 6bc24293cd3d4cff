/** ln of the gamma function for x >= 1: Stirling's series, from 10 up good to 1e-15. */
function logGamma(x: number): number {
  let shift = 0
  let at = x
  for (; at < 10; at++) shift += Math.log(at)
  const inverse = 1 / (at * at)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / at
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - shift
}

function logProbability(n: number, p: number, k: number): number {
  const ways = logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1)
  return ways + k * Math.log(p) + (n - k) * Math.log1p(-p)
}

/** The chance of each number of successes in n tries, for small n. */
export function binomial(n: number, p: number): number[] {
  if (p === 0 || p === 1) return Array.from({ length: n + 1 }, (_, k) => (k === n * p ? 1 : 0))
  return Array.from({ length: n + 1 }, (_, k) => Math.exp(logProbability(n, p, k)))
}

/** P(Bin(n, p) >= k), for k above the mean: from there on the terms only fall, so it may stop when they no longer count. */
function upperTail(n: number, p: number, k: number): number {
  let term = Math.exp(logProbability(n, p, k))
  let sum = 0
  for (let j = k; j <= n && term > sum * 1e-16; j++) {
    sum += term
    term *= ((n - j) / (j + 1)) * (p / (1 - p))
  }
  return sum
}

/**
 * The smallest k with P(Bin(n, p) >= k) <= alpha, for alpha < 1/2; n + 1 where there is none. The k-th smallest of n values
 * is then an upper bound of their p-quantile that is wrong with probability alpha at most, whatever they are distributed
 * like (order statistics; Conover 1999, "Practical nonparametric statistics", 3.2).
 */
export function upperRank(n: number, p: number, alpha: number): number {
  let from = Math.ceil(n * p)
  let to = n + 1
  while (from < to) {
    const middle = Math.floor((from + to) / 2)
    if (upperTail(n, p, middle) <= alpha) to = middle
    else from = middle + 1
  }
  return from
}

/** Fewest values whose largest is such an upper bound: ln(1 / alpha) / -ln(p). */
export function fewestForUpperRank(p: number, alpha: number): number {
  return Math.ceil(Math.log(alpha) / Math.log(p) - 1e-9)
}

/** An upper bound of the probability behind k successes in n tries, wrong with probability alpha at most (Clopper and Pearson 1934). */
export function upperShare(n: number, k: number, alpha: number): number {
  let [from, to] = [k / n, 1]
  for (let i = 0; i < 50 && k < n; i++) {
    const middle = (from + to) / 2
    // So few successes, seen as so many failures.
    if (upperTail(n, 1 - middle, n - k) > alpha) from = middle
    else to = middle
  }
  return to
}
