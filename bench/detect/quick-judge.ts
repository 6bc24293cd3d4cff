import { addCounts, DEFAULT_POLICY, type JudgePolicy, startJudge } from '../../src/domain/evidence/index.ts'
import { errorBooks } from '../../src/domain/evidence/rules.ts'
import { type Book, handedOut, keptBack } from '../../src/domain/evidence/wealth.ts'
import { drawsFrom } from './draws.ts'
import type { Rule } from './rules.ts'

/**
 * The same bets without logarithms, for hundreds of millions of them: money as it is, in arrays that are written over. What
 * it decides is what the judge decides; {@link checkQuickJudge} compares them look by look.
 */
class QuickBook {
  readonly #book: Book
  readonly #stakes: Float64Array
  readonly #weights: Float64Array
  readonly #money: Float64Array
  /** ln of what one bad and one good request do. */
  readonly #bad: Float64Array
  readonly #good: Float64Array
  #bets = 0

  constructor(book: Book) {
    this.#book = book
    this.#stakes = Float64Array.from(book.stakes)
    this.#weights = Float64Array.from(book.weights)
    this.#money = this.#weights.map((weight) => weight * book.spending.atStart)
    this.#bad = this.#stakes.map((stake) => Math.log(1 - stake + stake / book.rate))
    this.#good = this.#stakes.map((stake) => Math.log(1 - stake))
  }

  /** The money of all after this bet. */
  bet(bad: number, total: number): number {
    const { rate, spending, perRequest } = this.#book
    const fresh = handedOut(spending, this.#bets)
    this.#bets++
    const oneByOne = perRequest && total > 1
    const share = bad / total / rate
    let sum = keptBack(spending, this.#bets)
    for (let i = 0; i < this.#money.length; i++) {
      const stake = this.#stakes[i] ?? 0
      const gain = oneByOne
        ? Math.exp(bad * (this.#bad[i] ?? 0) + (total - bad) * (this.#good[i] ?? 0))
        : 1 - stake + stake * share
      // Where nothing is left it would be slow to compute with.
      const money = Math.max(1e-290, ((this.#money[i] ?? 0) + fresh * (this.#weights[i] ?? 0)) * gain)
      this.#money[i] = money
      sum += money
    }
    return sum
  }
}

export interface QuickOptions {
  slotSeconds: number | 'request'
  /** Whether the first minute is judged by its own book too. */
  arrival: boolean
  alpha?: number
}

/** The error rate trigger; a look is a second. */
export function quickJudge({ slotSeconds, arrival, alpha = DEFAULT_POLICY.alpha }: QuickOptions): Rule {
  const policy = policyOf(slotSeconds, alpha)
  const books = errorBooks(policy, arrival)
  const [against] = books.against
  if (against === undefined) throw new Error('there is no book')
  const steady = new QuickBook(against)
  const first = books.onArrival === null ? null : new QuickBook(books.onArrival)
  const enough = (books.onArrival === null ? 1 : 2) / alpha
  let second = 0
  let [bad, total] = [0, 0]
  return {
    look(requests, errors) {
      second++
      bad += errors
      total += requests
      let found = first !== null && second <= 60 && requests > 0 && first.bet(errors, requests) >= enough
      if (slotSeconds === 'request' || second % slotSeconds === 0) {
        if (total > 0) found = steady.bet(bad, total) >= enough || found
        bad = 0
        total = 0
      }
      return found
    },
  }
}

function policyOf(slotSeconds: number | 'request', alpha: number): JudgePolicy {
  return { ...DEFAULT_POLICY, alpha, slotMs: slotSeconds === 'request' ? slotSeconds : slotSeconds * 1_000 }
}

/** @throws when it ever decides otherwise than the judge itself, over many runs of all kinds */
export function checkQuickJudge(runs = 200): void {
  for (let run = 0; run < runs; run++) {
    const draws = drawsFrom(run)
    const options: QuickOptions = { slotSeconds: run % 3 === 0 ? 'request' : 5, arrival: run % 2 === 0 }
    const share = [0.03, 0.08, 0.3, 1][run % 4] ?? 0
    const rps = [0.3, 3, 30][run % 3] ?? 0
    const quick = quickJudge(options)
    let state = startJudge(policyOf(options.slotSeconds, DEFAULT_POLICY.alpha), {
      baseline: null,
      switchedAt: options.arrival ? 0 : null,
    })
    for (let second = 1; second <= 600; second++) {
      const requests = draws.poisson(rps)
      const errors = draws.binomial(requests, share)
      state = addCounts(state, second * 1_000, { requests, errors, latency: null })
      const found = quick.look(requests, errors)
      if (found !== (state.errors.bad !== null)) throw new Error(`run ${run} differs in second ${second}`)
      if (found) break
    }
  }
}
