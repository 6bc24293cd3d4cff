import type { ReleaseId } from '../../domain/release.ts'
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
      const left = await countLeft(ports, step.params.from)
      const { stopped, drained } = await ports.runtime.stopOthers(keep, drainTimeoutMs)
      const persisted = await ports.runtime.persist()
      return {
        evidence: {
          stopped: stopped.join(' ') || 'nothing',
          ...left,
          ...(drained ? {} : { cutConnections: true }),
          ...(persisted ? { savedForReboot: true } : {}),
        },
      }
    },
  }
}

/** All that the release which is left has answered, for the report: its counters end with it. */
async function countLeft(
  { runtime }: StepPorts,
  from: ReleaseId | null,
): Promise<{ leftRequests?: number; leftErrors?: number }> {
  // A report that is short of a figure is no reason to leave anything running.
  const instances = await runtime.observe('quick').catch(() => [])
  const counted = instances.flatMap(({ release, traffic }) =>
    release === from && traffic !== null ? [traffic] : [],
  )
  if (from === null || counted.length === 0) return {}
  return {
    leftRequests: counted.reduce((sum, { requests }) => sum + requests, 0),
    leftErrors: counted.reduce((sum, { serverErrors }) => sum + serverErrors, 0),
  }
}
