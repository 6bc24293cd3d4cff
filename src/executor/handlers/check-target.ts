import type { ReleaseId } from '../../domain/release.ts'
import { findRelease } from '../../domain/service-state.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { StepHandler } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'

/** Refuses before anything is touched: no build, no network and no registry is needed from here on. */
export function checkTarget(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'todo'
    },
    async run(step) {
      const { release } = step.params
      const { service } = ports.state
      const integrity = await ports.store.check(service, release)
      if (!integrity.ok) throw gone(ports, release, integrity.problems)
      const missing = await ports.runtime.missing(release, await ports.store.launchRecord(service, release))
      if (missing.length > 0) throw gone(ports, release, missing)
      return { evidence: { files: integrity.files } }
    },
  }
}

function gone({ state }: StepPorts, release: ReleaseId, problems: string[]): OperatorError {
  const known = findRelease(state, release)
  const ref = known?.commit ?? known?.ref ?? ''
  const detail = problems[0] ?? 'it is damaged'
  return new OperatorError('RELEASE_FILES_GONE', { release, detail, ref }, { details: problems })
}
