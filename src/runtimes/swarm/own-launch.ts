import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'

/** @throws OperatorError OTHER_RUNTIME */
export function ownLaunch(launch: LaunchRecord): LaunchRecord<SwarmLaunch> {
  const { runtime } = launch
  if (runtime.kind === 'swarm') return { ...launch, runtime }
  throw new OperatorError('OTHER_RUNTIME', { made: runtime.kind, configured: 'swarm' })
}
