import type { Configuration } from '../domain/configuration.ts'
import { type CheckResult, judgeChecks, type Outcome } from '../domain/verification.ts'
import type { Clock } from '../ports/clock.ts'
import type { Prober } from '../ports/prober.ts'
import type { PrivateAddress } from '../ports/runtime.ts'
import { checksOf, mergeRounds, runChecks } from './run-checks.ts'

const RETRY_MS = 50

/**
 * Asks every prepared instance, until all checks pass or the patience of one verification window is over: a process that
 * has just booted may still be connecting. Once it says of itself that it is healthy there is no more patience: a wrong
 * answer to a smoke check is then one that shoppers would get. The last round is the result.
 */
export async function probeInPrivate(
  ports: { prober: Prober; clock: Clock },
  configuration: Configuration,
  addresses: readonly PrivateAddress[],
  signal: AbortSignal,
): Promise<{ outcome: Outcome; checks: CheckResult[] }> {
  if (addresses.length === 0) return { outcome: 'unknown', checks: [] }
  const checks = checksOf(configuration)
  const deadline = ports.clock.now() + configuration.verify.windowMs
  for (;;) {
    const rounds = await Promise.all(addresses.map((address) => runChecks(ports.prober, address, checks)))
    const results = mergeRounds(rounds)
    // A service without any check configured: that every instance holds is all there is to see.
    const outcome = results.length === 0 ? 'passed' : judgeChecks(results)
    signal.throwIfAborted()
    if (outcome === 'passed' || isFinal(results) || ports.clock.now() >= deadline)
      return { outcome, checks: results }
    await ports.clock.sleep(RETRY_MS, signal)
  }
}

function isFinal(results: readonly CheckResult[]): boolean {
  const health = results.filter(({ name }) => name.startsWith('health '))
  const healthy = health.length > 0 && health.every(({ outcome }) => outcome === 'passed')
  return healthy && results.some(({ outcome }) => outcome === 'failed')
}
