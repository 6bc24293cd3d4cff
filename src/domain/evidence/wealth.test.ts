import fc from 'fast-check'
import { expect, test } from 'vitest'
import { bookAgainst, bookInFavour, bookOnArrival } from './books.ts'
import {
  type Book,
  bet,
  handedOut,
  keptBack,
  logGain,
  logWealth,
  startWealth,
  type Wealth,
} from './wealth.ts'

/** The mean of the money after every bet, over all that chance can do: answers fail independently with probability p. */
function meanMoney(book: Book, p: number, slots: readonly number[]): number[] {
  let paths: { wealth: Wealth; chance: number }[] = [{ wealth: startWealth(book), chance: 1 }]
  return slots.map((size) => {
    paths = paths.flatMap(({ wealth, chance }) =>
      outcomes(size, p).map(({ bad, chance: more }) => ({
        wealth: bet(book, wealth, bad, size),
        chance: chance * more,
      })),
    )
    return paths.reduce((sum, { wealth, chance }) => sum + chance * Math.exp(logWealth(book, wealth)), 0)
  })
}

function outcomes(size: number, p: number): { bad: number; chance: number }[] {
  const each = [{ bad: 0, chance: 1 }]
  for (let i = 0; i < size; i++) {
    const before = each.splice(0)
    for (const { bad, chance } of before) {
      each.push({ bad, chance: chance * (1 - p) }, { bad: bad + 1, chance: chance * p })
    }
  }
  return each
}

/** A short schedule, so that even and falling shares both come up within a few bets. */
const spending = { atStart: 0.5, early: 0.3, bets: 3 }
const rates = fc.double({ min: 0.01, max: 0.95, noNaN: true })
const books = fc
  .record({ rate: rates, perRequest: fc.boolean(), kind: fc.constantFrom('against', 'arrival', 'favour') })
  .map(({ rate, perRequest, kind }): Book => {
    if (kind === 'arrival') return bookOnArrival(rate)
    const book = kind === 'against' ? bookAgainst(rate, perRequest) : bookInFavour(rate, perRequest)
    return { ...book, spending }
  })

test('at the rate that is just all right, nobody can expect to gain or to lose a cent', () => {
  fc.assert(
    fc.property(
      books,
      fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 6 }),
      (book, slots) => {
        for (const mean of meanMoney(book, book.rate, slots)) expect(mean).toBeCloseTo(1, 9)
      },
    ),
    { numRuns: 60 },
  )
})

test('below it, the money can only be expected to shrink, so that Ville bounds it for ever', () => {
  fc.assert(
    fc.property(books, rates, (book, part) => {
      const means = meanMoney(book, book.rate * part, [1, 2, 3, 1, 2])
      let before = 1
      for (const mean of means) {
        expect(mean).toBeLessThanOrEqual(before * (1 + 1e-9))
        before = mean
      }
    }),
    { numRuns: 60 },
  )
})

test('in a slot it is the share that counts, so a hundred errors at once are one error', () => {
  const book = bookAgainst(0.05, false)
  expect(bet(book, startWealth(book), 100, 200)).toEqual(bet(book, startWealth(book), 1, 2))
  const each = bookAgainst(0.05, true)
  expect(bet(each, startWealth(each), 100, 200)).not.toEqual(bet(each, startWealth(each), 1, 2))
})

test('one bet a request: it does not matter which look a request falls into', () => {
  const counts = fc.record({ bad: fc.nat(50), good: fc.nat(500) })
  fc.assert(
    fc.property(
      rates,
      fc.double({ min: 0.001, max: 0.99, noNaN: true }),
      counts,
      counts,
      (rate, stake, a, b) => {
        const gain = (bad: number, good: number) =>
          logGain({ rate, perRequest: true }, stake, bad, bad + good)
        expect(gain(a.bad, a.good) + gain(b.bad, b.good)).toBeCloseTo(gain(a.bad + b.bad, a.good + b.good), 6)
      },
    ),
  )
})

test.for([bookAgainst(0.05, false).spending, bookAgainst(0.05, true).spending, spending])(
  'what is handed out and what is kept make one, and it never ends: %o',
  (schedule) => {
    let given = schedule.atStart
    for (let bets = 0; bets < 20_000; bets++) {
      given += handedOut(schedule, bets)
      if (bets < 10 || bets % 500 === 0) expect(given + keptBack(schedule, bets + 1)).toBeCloseTo(1, 9)
    }
    expect(handedOut(schedule, 1e6)).toBeGreaterThan(0)
  },
)

test('nothing is bet without requests', () => {
  const book = bookAgainst(0.05, false)
  const wealth = bet(book, startWealth(book), 1, 10)
  expect(bet(book, wealth, 0, 0)).toBe(wealth)
})
