import type { StepHandler } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'

/** Everything under the service's name but what serves and what may wait ends here; strangers as well. */
export function stopOld(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    async run(step) {
      const keep = [step.params.release, ...(step.params.keep ?? [])]
      const { drainTimeoutMs } = ports.configuration
      const { stopped, drained } = await ports.runtime.stopOthers(keep, drainTimeoutMs)
      const persisted = await ports.runtime.persist()
      return {
        evidence: {
          stopped: stopped.join(' ') || 'nothing',
          ...(drained ? {} : { cutConnections: true }),
          ...(persisted ? { savedForReboot: true } : {}),
        },
      }
    },
  }
}
