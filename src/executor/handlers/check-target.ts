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
      const integrity = await ports.store.check(ports.state.service, release)
      if (!integrity.ok) {
        const known = findRelease(ports.state, release)
        throw new OperatorError(
          'RELEASE_FILES_GONE',
          {
            release,
            detail: integrity.problems[0] ?? 'it is damaged',
            ref: known?.commit ?? known?.ref ?? '',
          },
          { details: integrity.problems },
        )
      }
      return { evidence: { files: integrity.files } }
    },
  }
}
