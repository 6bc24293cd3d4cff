import { OperatorError } from '../../errors/operator-error.ts'
import { probeInPrivate } from '../../verify/probe-in-private.ts'
import type { StepHandler } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'

/** Never return to a release that is itself sick: it is asked in private before any traffic moves. */
export function probeCandidate(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'todo'
    },
    async run(step, context) {
      const { release } = step.params
      const { configuration } = await ports.store.launchRecord(ports.state.service, release)
      const addresses = await ports.runtime.addresses(release)
      const result = await probeInPrivate(ports, configuration, addresses, context.signal)
      if (result.outcome !== 'passed') {
        const wrong = result.checks.filter(({ outcome }) => outcome !== 'passed')
        const [first] = wrong
        const detail = first === undefined ? 'nothing answers in private' : `${first.name}: ${first.evidence}`
        const isTarget = context.run.plan.verb === 'rollback' && release === context.run.plan.to
        const code = isTarget ? 'TARGET_SICK' : 'CANDIDATE_SICK'
        throw new OperatorError(
          code,
          { release, target: release, detail, log: ports.runtime.logOf(release) },
          { details: wrong.map(({ name, evidence }) => `${name}: ${evidence}`) },
        )
      }
      return { evidence: { instances: addresses.length, checks: result.checks.length } }
    },
  }
}
