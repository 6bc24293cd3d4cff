import type { NewEvent } from '../domain/event.ts'
import { type Bake, judgeBake } from '../domain/judge-bake.ts'
import type { ReleaseId } from '../domain/release.ts'
import { findRelease } from '../domain/service-state.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Session } from './session.ts'

const LEASE_MS = 5_000
/** When somebody else is at work, until it is worth another look. */
const LOOK_MS = 500

/**
 * Proves what serves, when its bake time is over and was clean. There need be nobody watching in between: the instances' own
 * counters and start times hold the whole time. Null: there is nothing to prove, or not of `only`.
 */
export async function settleBake(session: Session, only?: ReleaseId): Promise<Bake | null> {
  const state = await session.state()
  const release = findRelease(state, state.live)
  if (release === null || state.liveSince === null) return null
  if (only !== undefined && release.id !== only) return null
  if (release.proven !== null || release.bad !== null) return null
  const now = session.clock.now()
  const bake = judgeBake({
    release,
    instances: await session.runtime.observe('quick'),
    liveSince: Date.parse(state.liveSince),
    now,
    bakeMs: session.configuration.bakeMs,
  })
  if (bake.outcome !== 'clean') return bake
  const mark = { at: new Date(now).toISOString(), actor: session.actor, reason: `baked: ${bake.evidence}` }
  const ports = { actor: session.actor, clock: session.clock, state }
  const event = eventOf(ports, 'ReleaseMarkedProven', `release/${release.id}`, { release: release.id, mark })
  return (await recordAlone(session, release.id, event)) ? bake : { outcome: 'baking', remainingMs: LOOK_MS }
}

/** Under the lease, for a moment: a rollback may be marking this very release bad, and the later word would stand. */
async function recordAlone(session: Session, id: string, event: NewEvent): Promise<boolean> {
  const { journal, service, actor } = session
  const taken = await journal.acquire(service, `${actor} (pid ${process.pid})`, `prove ${id}`, LEASE_MS)
  if (!taken.ok) return false
  try {
    const state = await session.state()
    if (state.live !== id || findRelease(state, id)?.bad !== null) return false
    await journal.append([event], taken.lease)
    return true
  } finally {
    await journal.release(taken.lease)
  }
}
