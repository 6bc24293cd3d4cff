import { type Bake, judgeBake } from '../domain/judge-bake.ts'
import { findRelease } from '../domain/service-state.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Session } from './session.ts'

/**
 * Proves what serves, when its bake time is over and was clean. There need be nobody watching in between: the instances' own
 * counters and start times hold the whole time. Null: there is nothing to prove.
 */
export async function settleBake(session: Session): Promise<Bake | null> {
  const state = await session.state()
  const release = findRelease(state, state.live)
  if (release === null || state.liveSince === null) return null
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
  const data = { release: release.id, mark }
  await session.journal.append([eventOf(ports, 'ReleaseMarkedProven', `release/${release.id}`, data)])
  return bake
}
