/** Kullback-Leibler divergence of two Bernoulli distributions, in nats: what one request is worth as evidence, at best. */
export function divergence(p: number, p0: number): number {
  const bad = p === 0 ? 0 : p * Math.log(p / p0)
  const good = p === 1 ? 0 : (1 - p) * Math.log((1 - p) / (1 - p0))
  return bad + good
}

/**
 * The mean number of requests that *any* test needs which is wrong with probability `alpha` at most, to tell a share `p` of
 * bad answers from at most `p0`: ln(1 / alpha) / KL(p || p0) (Wald 1945; Farrell 1964). Infinite for p <= p0.
 */
export function lowerBound(alpha: number, p: number, p0: number): number {
  return p <= p0 ? Number.POSITIVE_INFINITY : Math.log(1 / alpha) / divergence(p, p0)
}

/** The same for proving that the share is below p0. */
export function lowerBoundInFavour(alpha: number, p: number, p0: number): number {
  return p >= p0 ? Number.POSITIVE_INFINITY : Math.log(1 / alpha) / divergence(p, p0)
}

/** The smallest share of bad answers that so many requests can tell from `p0`, at best; 1 where even that is too few. */
export function smallestShareSeen(alpha: number, requests: number, p0: number): number {
  let [from, to] = [p0, 1]
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2
    if (lowerBound(alpha, middle, p0) > requests) from = middle
    else to = middle
  }
  return to
}
