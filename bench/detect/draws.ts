import { seededRandom } from '../../lab/traffic/random.ts'

/** Above this mean the normal distribution is as good, and quicker. */
const LARGE = 30

/** Chance with a seed: the same figures each time. */
export interface Draws {
  uniform(): number
  /** How many come, where `mean` do on average. */
  poisson(mean: number): number
  /** How many of `n` with probability `p`. */
  binomial(n: number, p: number): number
  exponential(mean: number): number
  normal(): number
}

export function drawsFrom(seed: number): Draws {
  const uniform = seededRandom(seed)
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform())

  function poisson(mean: number): number {
    if (mean <= 0) return 0
    if (mean > LARGE) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()))
    // Inversion: from 0 up, each chance from the one before.
    let rest = uniform()
    let chance = Math.exp(-mean)
    let count = 0
    while (rest > chance && chance > 0) {
      rest -= chance
      count++
      chance *= mean / count
    }
    return count
  }

  function binomial(n: number, p: number): number {
    if (p > 0.5) return n - binomial(n, 1 - p)
    if (p === 0 || n === 0) return 0
    const mean = n * p
    if (mean > LARGE) {
      return Math.min(n, Math.max(0, Math.round(mean + Math.sqrt(mean * (1 - p)) * normal())))
    }
    let rest = uniform()
    let chance = Math.exp(n * Math.log1p(-p))
    let count = 0
    while (rest > chance && count < n) {
      rest -= chance
      chance *= ((n - count) / (count + 1)) * (p / (1 - p))
      count++
    }
    return count
  }

  return { uniform, poisson, binomial, normal, exponential: (mean) => -mean * Math.log(1 - uniform()) }
}
