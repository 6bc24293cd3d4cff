import type { Step } from '../../domain/plan.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord } from '../../ports/release-store.ts'
import { probeInPrivate } from '../../verify/probe-in-private.ts'
import type { StepContext, StepHandler } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'

/**
 * Never return to a release that is itself sick: it is asked in private before any traffic moves. A standby that is not
 * there (any more) is booted and asked then.
 */
export function probeCandidate(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'todo'
    },
    async run(step, context) {
      const { release } = step.params
      const launch = await ports.store.launchRecord(ports.state.service, release)
      const ask = async () => {
        const addresses = await ports.runtime.addresses(release)
        const result = await probeInPrivate(ports, launch.configuration, addresses, context.signal)
        return { ...result, instances: addresses.length }
      }
      const asked = await ask()
      const mayBeGone = asked.outcome !== 'passed' && isToWait(step, context)
      const bootMs = mayBeGone ? await boot(ports, release, launch, context.signal) : null
      const result = bootMs === null ? asked : await ask()
      if (result.outcome !== 'passed') {
        if (bootMs !== null) await ports.runtime.stop(release)
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
      const booted = bootMs === null ? {} : { bootMs }
      return { evidence: { instances: result.instances, checks: result.checks.length, ...booted } }
    },
  }
}

/** By the plan it was there already, and need not be started. */
function isToWait({ kind }: Step, { run }: StepContext): boolean {
  return kind === 'probe-candidate' && run.plan.steps.every((step) => step.kind !== 'start-candidate')
}

/** A standby may end, or its host may, after the plan was made; that says nothing of the release. Null: it is there. */
async function boot(
  { runtime }: StepPorts,
  release: ReleaseId,
  launch: LaunchRecord,
  signal: AbortSignal,
): Promise<number | null> {
  const { startTimeoutMs: timeoutMs } = launch.configuration
  return (await runtime.prepare(release, launch, { timeoutMs, signal })).bootMs
}
