import { OperatorError } from '../../errors/operator-error.ts'
import { verifyService } from '../../verify/verify-service.ts'
import type { StepHandler } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

export function verifyRelease(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'todo'
    },
    async run(step, context) {
      const { release } = step.params
      const launch = await ports.store.launchRecord(ports.state.service, release)
      const verification = await verifyService(ports, {
        configuration: launch.configuration,
        release,
        wanted: launch.runtime.instances,
        signal: context.signal,
      })
      const { outcome, checks, rounds, windowMs } = verification
      const wrong = checks.filter((check) => check.outcome !== 'passed')
      if (outcome !== 'passed') {
        const [first] = wrong
        const detail = first === undefined ? 'nothing was checked' : `${first.name}: ${first.evidence}`
        throw new OperatorError(
          'VERIFICATION_FAILED',
          { release, detail },
          { details: wrong.map((check) => `${check.name} ${check.outcome}: ${check.evidence}`) },
        )
      }
      const data = { release, run: context.run.id, verification }
      return {
        evidence: { checks: checks.length, rounds, windowMs },
        events: [eventOf(ports, 'VerificationRecorded', `release/${release}`, data)],
      }
    },
  }
}
