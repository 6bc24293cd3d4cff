import type { TriedRelease } from '../domain/proof.ts'
import type { ReleaseId } from '../domain/release.ts'
import { type CheckResult, judgeChecks, type Outcome } from '../domain/verification.ts'
import { isOperatorError, type OperatorError } from '../errors/operator-error.ts'
import type { TrialCopy } from '../ports/trial-databases.ts'
import { probeInPrivate } from '../verify/probe-in-private.ts'
import { rehearsalLaunch } from './rehearsal-launch.ts'
import type { RehearsalPorts, RehearseRequest } from './rehearsal-ports.ts'

/**
 * Boots a release in private on the copy, and asks it what its own configuration asks; its smoke checks may write rows.
 * Gone again when this returns.
 */
export async function tryRelease(
  ports: RehearsalPorts,
  { service, signal }: RehearseRequest,
  copy: TrialCopy,
  release: ReleaseId,
): Promise<TriedRelease> {
  const recorded = await ports.store.launchRecord(service, release)
  const { env, turned } = copy.environment(recorded.env)
  // Where it would write to nobody knows, so it is not even started.
  if (turned.length === 0)
    return unknown('none of its variables leads to the database, so it cannot be led to a copy')
  const sessions = copy.watchSessions()
  try {
    const launch = rehearsalLaunch(recorded, env)
    const { startTimeoutMs } = launch.configuration
    await ports.runtime.prepare(release, launch, { timeoutMs: startTimeoutMs, signal })
    ports.crash('rehearse/booted')
    if ((await sessions.look()).onLive) return leaked()
    const addresses = await ports.runtime.addresses(release)
    const tried = await probeInPrivate(ports, launch.configuration, addresses, signal)
    const { onCopy, onLive } = await sessions.look()
    if (onLive) return leaked()
    if (onCopy || tried.outcome !== 'passed') return tried
    const ended = await sessions.end()
    return ended.onCopy ? tried : withCheck(tried.checks, neverConnected)
  } catch (error) {
    if (signal.aborted || !isOperatorError(error) || !BOOT_FAILURES.includes(error.code)) throw error
    return { outcome: 'failed', checks: [bootFailure(error)] }
  } finally {
    await ports.runtime.stop(release)
    await sessions.end()
  }
}

const BOOT_FAILURES = ['CANDIDATE_CRASHED', 'CANDIDATE_NOT_READY']

function bootFailure(error: OperatorError): CheckResult {
  const said = error.details.length === 0 ? '' : ` (${error.details.slice(-3).join(' | ')})`
  return check('boot', 'failed', `${error.message}${said}`)
}

const DATABASE = 'database copy'
const neverConnected = check(
  DATABASE,
  'unknown',
  'it never connected, so its checks say nothing about the schema',
)

function leaked(): TriedRelease {
  const evidence =
    'it connected to the live database although its variables lead to the copy, and was stopped'
  return { outcome: 'failed', checks: [check(DATABASE, 'failed', evidence)] }
}

function unknown(evidence: string): TriedRelease {
  return withCheck([], check(DATABASE, 'unknown', evidence))
}

function withCheck(checks: readonly CheckResult[], added: CheckResult): TriedRelease {
  const all = [...checks, added]
  return { outcome: judgeChecks(all), checks: all }
}

function check(name: string, outcome: Outcome, evidence: string): CheckResult {
  return { name, outcome, evidence, ms: null }
}
