import type { StepHandler } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'
import { probeCandidate } from './probe-candidate.ts'

export function startCandidate(ports: StepPorts): StepHandler {
  return {
    async observe(step) {
      const { release } = step.params
      const addresses = await ports.runtime.addresses(release)
      return addresses.length === 0 ? 'todo' : 'unknown'
    },
    async run(step, context) {
      const { release } = step.params
      const launch = await ports.store.launchRecord(ports.state.service, release)
      const timeoutMs = launch.configuration.startTimeoutMs
      const started = await ports.runtime.prepare(release, launch, { timeoutMs, signal: context.signal })
      const booted =
        started.bootMs === null
          ? []
          : [eventOf(ports, 'ReleaseBooted', `release/${release}`, { release, bootMs: started.bootMs })]
      return { evidence: { instances: started.instances, bootMs: started.bootMs }, events: booted }
    },
    async undo(step) {
      await ports.runtime.stop(step.params.release)
      return { evidence: {} }
    },
  }
}

/**
 * The same, for a release that is to wait, and it is asked at once whether it could take over: that is better known now than
 * in the night, and what has answered once answers the second time in half the time. A failure leaves the service as it is,
 * only without a standby.
 */
export function startStandby(ports: StepPorts): StepHandler {
  const start = startCandidate(ports)
  const probe = probeCandidate(ports)
  return {
    observe: start.observe,
    async run(step, context) {
      try {
        const started = await start.run(step, context)
        const probed = await probe.run(step, context).catch(async (error: unknown) => {
          await ports.runtime.stop(step.params.release)
          throw error
        })
        return { ...started, evidence: { ...started.evidence, ...probed.evidence } }
      } finally {
        await ports.runtime.persist()
      }
    },
  }
}
