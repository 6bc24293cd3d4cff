import { bookAgainst } from './books.ts'
import { requestsUntil } from './needs.ts'
import { checkPolicy, type JudgePolicy } from './policy.ts'
import { startWealth } from './wealth.ts'

/**
 * About how many requests this judge takes to call a release bad of which a `share` of the answers is bad from the start; null
 * where that share is all right. Compare `lowerBound`, which no judge can beat.
 *
 * @param share of bad answers, 0 to 1
 * @param requestsPerSlot at the traffic there is; of no account with one bet a request
 */
export function requestsToVerdict(
  policy: JudgePolicy,
  { share, requestsPerSlot }: { share: number; requestsPerSlot: number },
): number | null {
  checkPolicy(policy)
  if (!(share >= 0 && share <= 1)) throw new RangeError(`${share} is no share`)
  if (!(requestsPerSlot > 0)) throw new RangeError(`${requestsPerSlot} requests a slot`)
  const perRequest = policy.slotMs === 'request'
  const book = bookAgainst(policy.errorRate, perRequest)
  const threshold = Math.log(1 / policy.alpha)
  const requests = perRequest ? 1 : requestsPerSlot
  return share <= policy.errorRate
    ? null
    : requestsUntil(book, startWealth(book), { threshold, share, requests, inOpenSlot: 0 })
}
