import { OperatorError } from '../errors/operator-error.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Session } from './session.ts'

/** @throws OperatorError CLAIMED when another service of this home has what this one wants to use alone */
export async function refuseClaimed(session: Session): Promise<void> {
  const claims = new Map<string, string>()
  await session.journal.each({}, (event) => {
    if (event.type === 'ServiceRegistered') claims.set(event.service, event.data.claim)
  })
  const { claim } = session.runtime
  for (const [other, theirs] of claims) {
    if (other !== session.service && theirs === claim) {
      throw new OperatorError('CLAIMED', { claim, other, service: session.service })
    }
  }
}

/** Says in the journal which service this is and what it alone may use. @throws OperatorError CLAIMED */
export async function requireClaim(session: Session): Promise<void> {
  await refuseClaimed(session)
  const { claim } = session.runtime
  const state = await session.state()
  if (state.claim === claim && state.configPath === session.configPath) return
  const data = { configPath: session.configPath, claim }
  const event = eventOf(
    { actor: session.actor, clock: session.clock, state },
    'ServiceRegistered',
    `service/${session.service}`,
    data,
  )
  await session.journal.append([event])
}
