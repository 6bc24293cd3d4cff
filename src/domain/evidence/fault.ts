import type { Point } from './history.ts'
import { divergence } from './lower-bound.ts'

/** A stretch of bad answers up to now. */
export interface Fault {
  /** When it seems to have begun, epoch ms; to the slot, where it is not long ago. Null: before anything was seen. */
  since: number | null
  requests: number
  bad: number
  /** bad / requests. */
  share: number
}

/** Nats; less than this may well be chance. */
const LEAST = 4

/**
 * Where the fault most likely begins: the moment since which the answers differ most from what is allowed (the maximum
 * likelihood of a change point). For people to read, and for an outlook; no verdict comes from it.
 */
export function likelyFault(points: readonly Point[], began: number | null, allowed: number): Fault | null {
  const last = points.at(-1)
  if (last === undefined) return null
  let best: Fault | null = null
  let most = LEAST
  for (const before of [{ at: began, requests: 0, bad: 0 }, ...points.slice(0, -1)]) {
    const requests = last.requests - before.requests
    const bad = last.bad - before.bad
    // A point of another series: it was another quantile that spoke loudest then.
    if (requests <= 0 || bad < 0 || bad > requests) continue
    const share = bad / requests
    const speaks = share > allowed ? requests * divergence(share, allowed) : 0
    if (speaks <= most) continue
    most = speaks
    best = { since: before.at, requests, bad, share }
  }
  return best
}
