import { OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'

/** @throws OperatorError OTHER_RUNTIME */
export function ownLaunch(launch: LaunchRecord): LaunchRecord<ComposeLaunch> {
  const { runtime } = launch
  if (runtime.kind === 'compose') return { ...launch, runtime }
  throw new OperatorError('OTHER_RUNTIME', { made: runtime.kind, configured: 'compose' })
}
