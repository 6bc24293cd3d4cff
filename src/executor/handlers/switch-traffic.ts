import { serves } from '../../domain/instance.ts'
import type { Step } from '../../domain/plan.ts'
import { findRelease } from '../../domain/service-state.ts'
import type { Observation, StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** The one short moment everything else prepares for. It is not interrupted: it takes milliseconds. */
export function switchTraffic(ports: StepPorts): StepHandler {
  return {
    observe: (step, context) => observeSwitch(ports, step, context),

    async run(step, context) {
      const { release } = step.params
      const launch = await ports.store.launchRecord(ports.state.service, release)
      const timeoutMs = launch.configuration.startTimeoutMs
      const signal = new AbortController().signal
      const switched = await ports.runtime.switchTo(release, launch, { timeoutMs, signal })
      return record(ports, step, context, { gapMs: switched.gapMs, switchMs: switched.ms })
    },

    /** What served takes its traffic back; only a deploy ever asks for this. */
    async undo(step) {
      const { from, release } = step.params
      const wasLive = ports.state.live === release
      if (from === null) {
        await ports.runtime.stop(release)
        const down = eventOf(ports, 'ReleaseTakenDown', `release/${release}`, { release })
        return { evidence: {}, events: wasLive ? [down] : [] }
      }
      const launch = await ports.store.launchRecord(ports.state.service, from)
      const timeoutMs = launch.configuration.startTimeoutMs
      const signal = new AbortController().signal
      const { gapMs } = await ports.runtime.switchTo(from, launch, { timeoutMs, signal })
      const back = eventOf(ports, 'ReleaseWentLive', `release/${from}`, {
        release: from,
        from: step.params.release,
        by: 'put-back',
      })
      return { evidence: { serves: from, gapMs }, events: wasLive ? [back] : [] }
    },
  }
}

async function observeSwitch(ports: StepPorts, step: Step, context: StepContext): Promise<Observation> {
  const serving = (await ports.runtime.observe('full')).filter(serves)
  const target = serving.filter(({ release }) => release === step.params.release)
  if (target.length === 0) return 'todo'
  if (target.length < serving.length) return 'unknown'
  const launch = await ports.store.launchRecord(ports.state.service, step.params.release)
  // Where nothing holds, the switch itself boots what serves: with the first of them it has only begun.
  const isWhole = target.length >= launch.runtime.instances || ports.runtime.capabilities(launch).holds
  if (!isWhole) return 'unknown'
  return { done: record(ports, step, context, {}) }
}

/** A rollback says of what it leaves that it is bad, so that no later rollback returns to it. */
function record(
  ports: StepPorts,
  step: Step,
  context: StepContext,
  figures: Record<string, number>,
): StepResult {
  const { release, from } = step.params
  const { verb } = context.run.plan
  const events = [eventOf(ports, 'ReleaseWentLive', `release/${release}`, { release, from, by: verb })]
  const left = findRelease(ports.state, from)
  if (verb === 'rollback' && left !== null && left.bad === null) {
    const mark = {
      at: new Date(ports.clock.now()).toISOString(),
      actor: ports.actor,
      reason: context.run.reason,
    }
    const data = { release: left.id, commit: left.commit, mark }
    events.push(eventOf(ports, 'ReleaseMarkedBad', `release/${left.id}`, data))
  }
  return { evidence: { serves: release, ...figures }, events }
}
