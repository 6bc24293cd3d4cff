import { type Instance, serves } from '../domain/instance.ts'
import { describeRelease } from '../domain/release.ts'
import { findRelease, type ServiceState } from '../domain/service-state.ts'
import { messageOf } from '../errors/operator-error.ts'
import { describeServing } from '../verify/verify-service.ts'
import type { Session } from './session.ts'

/** What serves right now, as the instances say; the last line of every command, success or failure. */
export interface ServingNow {
  text: string
  /** By the journal. */
  release: string | null
  instances: { id: string; release: string | null; state: string; unit: string }[]
}

export async function servingNow(session: Session): Promise<ServingNow> {
  const state = await session.state()
  const { live } = state
  try {
    // The instances themselves are asked first: they serve on when the runtime is gone.
    const instances = await session.runtime.observe('quick')
    return { text: describeNow(state, instances), release: live, instances: instances.map(summarize) }
  } catch (error) {
    return { text: `nothing that can be seen. ${messageOf(error)}`, release: live, instances: [] }
  }
}

function describeNow(state: ServiceState, instances: readonly Instance[]): string {
  const serving = instances.filter(serves)
  if (serving.length === 0) return 'nothing'
  const release = findRelease(state, state.live)
  const alone = serving.every((instance) => instance.release === state.live)
  if (release === null || !alone) return describeServing(serving)
  const noun = serving.length === 1 ? 'instance' : 'instances'
  return `${describeRelease(release)} on ${serving.length} ${noun}`
}

function summarize({ id, release, state, unit }: Instance) {
  return { id, release, state, unit }
}
