import { type Instance, serves } from './instance.ts'
import type { Release } from './release.ts'

/** More than this share of server errors while baking is a finding (the runbook's 5 %). */
const ERROR_SHARE = 0.05
/** Below so many requests a share says nothing. */
const FEWEST_REQUESTS = 20

export type Bake =
  | { outcome: 'baking'; remainingMs: number }
  | { outcome: 'clean'; evidence: string }
  | { outcome: 'finding'; detail: string }

/**
 * Whether a release has served without a finding for its whole bake time, judged from the instances themselves: each has run
 * since before the release went live (so nothing restarted), and their own counters hold every answer since then.
 */
export function judgeBake(input: {
  release: Pick<Release, 'id'>
  instances: readonly Instance[]
  /** Epoch ms. */
  liveSince: number
  now: number
  bakeMs: number
}): Bake {
  const { release, liveSince, now, bakeMs } = input
  const own = input.instances.filter((instance) => serves(instance) && instance.release === release.id)
  if (own.length === 0) return { outcome: 'finding', detail: `no instance serves ${release.id}` }
  const restarted = own.filter(({ startedAt }) => startedAt !== null && startedAt > liveSince)
  if (restarted.length > 0) {
    const ids = restarted.map(({ id }) => id).join(', ')
    return { outcome: 'finding', detail: `restarted since it went live: ${ids}` }
  }
  const requests = sum(own, (instance) => instance.traffic?.requests ?? 0)
  const errors = sum(own, (instance) => instance.traffic?.serverErrors ?? 0)
  const share = requests === 0 ? 0 : errors / requests
  const percent = `${(share * 100).toFixed(1)} %`
  if (requests >= FEWEST_REQUESTS && share > ERROR_SHARE) {
    return { outcome: 'finding', detail: `${errors} of ${requests} answers were server errors (${percent})` }
  }
  const remainingMs = liveSince + bakeMs - now
  if (remainingMs > 0) return { outcome: 'baking', remainingMs }
  return {
    outcome: 'clean',
    evidence: `${own.length} instances, no restart, ${requests} requests, ${percent} server errors`,
  }
}

function sum(instances: readonly Instance[], of: (instance: Instance) => number): number {
  return instances.reduce((total, instance) => total + of(instance), 0)
}
