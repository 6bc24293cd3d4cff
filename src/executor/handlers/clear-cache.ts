import { OperatorError } from '../../errors/operator-error.ts'
import type { Purged } from '../../ports/cache-purger.ts'
import type { StepHandler } from '../step-handler.ts'
import type { StepPorts } from '../step-ports.ts'

/** What was left may still answer what it had begun, and put it into the cache: then it is emptied once more. */
const LAST_ANSWERS_MS = 5_000
const LOOK_MS = 100

/** Before what serves is verified: a bad answer in a cache is a bad answer. A failure stops nothing, traffic has moved. */
export function clearCache(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    async run(step, context) {
      const { release, from } = step.params
      const purger = ports.cache
      if (purger === null) return { evidence: { cleared: 'nothing, no cache is configured' } }
      const launch = await ports.store.launchRecord(ports.state.service, release)
      const first = await purger.purge(launch, context.signal)
      const again = from !== null && (await waitForLastAnswers(ports, from, context.signal))
      const results = again ? [...first, ...(await purger.purge(launch, context.signal))] : first
      const failed = results.filter(({ ok }) => !ok)
      if (failed.length > 0) {
        const details = failed.map(({ what, detail }) => `${what}: ${detail}`)
        throw new OperatorError('CACHE_NOT_CLEARED', { what: details[0] ?? '' }, { details })
      }
      return {
        evidence: {
          cleared: first.map(({ what }) => what).join(', '),
          ...keysOf(results),
          ...(again ? { twice: true } : {}),
        },
      }
    },
  }
}

function keysOf(results: readonly Purged[]): { keys?: number } {
  const counted = results.flatMap(({ keys }) => (keys === null ? [] : [keys]))
  return counted.length === 0 ? {} : { keys: counted.reduce((sum, keys) => sum + keys, 0) }
}

/** True: there were some, or nobody can tell. */
async function waitForLastAnswers(ports: StepPorts, from: string, signal: AbortSignal): Promise<boolean> {
  const until = ports.clock.now() + LAST_ANSWERS_MS
  for (let looks = 0; ; looks++) {
    const instances = await ports.runtime.observe('quick').catch(() => null)
    if (instances === null) return true
    const busy = instances.some(
      ({ release, traffic }) => release === from && (traffic === null || traffic.inFlight > 0),
    )
    if (!busy || ports.clock.now() >= until || signal.aborted) return looks > 0 || busy
    await ports.clock.sleep(LOOK_MS, signal)
  }
}
