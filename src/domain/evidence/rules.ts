import { bookAgainst, bookInFavour, bookOnArrival } from './books.ts'
import { type Counts, slowerThan } from './counts.ts'
import { boundAbove, countWithin, totalOf } from './latency-counts.ts'
import type { Limits } from './limits.ts'
import type { JudgePolicy } from './policy.ts'
import type { Books, Tally } from './trigger.ts'

/** Books are made once for a policy: they are the same each time, and making them is more work than a bet. */
const errorBooksOf = [new WeakMap<JudgePolicy, Books>(), new WeakMap<JudgePolicy, Books>()] as const
const slowBooksOf = [new WeakMap<Limits, Books>(), new WeakMap<Limits, Books>()] as const

function remembered<Key extends object>(known: WeakMap<Key, Books>, key: Key, make: () => Books): Books {
  const books = known.get(key) ?? make()
  known.set(key, books)
  return books
}

/** @param hasArrival whether the first minute has a book of its own */
export function errorBooks(policy: JudgePolicy, hasArrival: boolean): Books {
  const { errorRate, slotMs } = policy
  const perRequest = slotMs === 'request'
  return remembered(errorBooksOf[hasArrival ? 1 : 0], policy, () => ({
    against: [bookAgainst(errorRate, perRequest)],
    onArrival: hasArrival && !perRequest ? bookOnArrival(errorRate) : null,
    inFavour: [bookInFavour(errorRate, perRequest)],
  }))
}

/** Without a first minute of its own: a process that has just begun is slow, and that is no fault. */
export function slowBooks({ slotMs }: JudgePolicy, limits: Limits): Books {
  const perRequest = slotMs === 'request'
  return remembered(slowBooksOf[perRequest ? 1 : 0], limits, () => ({
    against: limits.bad.map(({ quantile }) => bookAgainst(1 - quantile, perRequest)),
    onArrival: null,
    inFavour: limits.fine.map(({ quantile }) => bookInFavour(1 - quantile, perRequest)),
  }))
}

export function errorTally({ requests, errors }: Counts): Tally {
  return { total: requests, bad: [errors], of: [requests], good: [requests - errors] }
}

export function slowTally({ bad, fine }: Limits, counts: Counts): Tally {
  const { latency } = counts
  const none = { total: 0, bad: bad.map(() => 0), of: bad.map(() => 0), good: fine.map(() => 0) }
  if (latency === null) return none
  const slow = bad.map(({ ms }) => slowerThan(counts, boundAbove(latency, ms)))
  const of = slow.map(({ total }) => total)
  return {
    total: Math.max(totalOf(latency), ...of),
    bad: slow.map((each) => each.slow),
    of,
    good: fine.map(({ ms }) => countWithin(latency, ms)),
  }
}
