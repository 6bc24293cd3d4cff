import type { Configuration } from '../domain/configuration.ts'
import { type Instance, serves } from '../domain/instance.ts'
import type { ReleaseId } from '../domain/release.ts'
import { type CheckResult, judgeChecks, type Verification } from '../domain/verification.ts'
import { messageOf } from '../errors/operator-error.ts'
import type { Clock } from '../ports/clock.ts'
import type { Prober } from '../ports/prober.ts'
import type { Runtime } from '../ports/runtime.ts'
import { checksOf, mergeRounds, runChecks } from './run-checks.ts'

export interface VerifyRequest {
  configuration: Configuration
  /** What should serve; null: nothing is expected to. */
  release: ReleaseId | null
  /** How many instances of it. */
  wanted: number
  signal: AbortSignal
  onRound?: (round: number, checks: CheckResult[]) => void
}

/**
 * On every instance the release it really serves; then health and smoke over the service's own address, over a window.
 * One bad answer in the window fails it. Changes nothing.
 */
export async function verifyService(
  ports: { runtime: Runtime; prober: Prober; clock: Clock },
  request: VerifyRequest,
): Promise<Verification> {
  const { configuration, signal } = request
  const { windowMs, everyMs } = configuration.verify
  const startedAt = ports.clock.now()
  const checks = checksOf(configuration)
  const rounds: CheckResult[][] = []
  for (;;) {
    const roundAt = ports.clock.now()
    // The runtime is asked in the first round (strangers, crashed units); after that the instances speak for themselves.
    const depth = rounds.length === 0 ? 'full' : 'quick'
    const [instances, answers] = await Promise.all([
      checkInstances(ports.runtime, request, depth),
      runChecks(ports.prober, { url: configuration.url }, checks),
    ])
    rounds.push([instances, ...answers])
    request.onRound?.(rounds.length, [instances, ...answers])
    signal.throwIfAborted()
    const endsAt = startedAt + windowMs
    if (roundAt >= endsAt) break
    await ports.clock.sleep(Math.min(roundAt + everyMs, endsAt) - ports.clock.now(), signal)
    signal.throwIfAborted()
  }
  const merged = mergeRounds(rounds)
  return {
    outcome: judgeChecks(merged),
    release: request.release,
    startedAt: new Date(startedAt).toISOString(),
    windowMs: ports.clock.now() - startedAt,
    rounds: rounds.length,
    checks: merged,
  }
}

async function checkInstances(
  runtime: Runtime,
  request: VerifyRequest,
  depth: 'quick' | 'full',
): Promise<CheckResult> {
  const name = 'instances'
  try {
    return { name, ms: null, ...judgeInstances(await runtime.observe(depth), request) }
  } catch (error) {
    return { name, ms: null, outcome: 'unknown', evidence: messageOf(error) }
  }
}

/** Exactly one release serves, it is the expected one, and on as many instances as it should. */
export function judgeInstances(
  instances: readonly Instance[],
  expected: { release: ReleaseId | null; wanted: number },
): Pick<CheckResult, 'outcome' | 'evidence'> {
  const serving = instances.filter(serves)
  const others = serving.filter(({ release }) => release !== expected.release)
  const right = serving.length - others.length
  const evidence = describeServing(serving)
  if (others.length > 0)
    return { outcome: 'failed', evidence: `${evidence}; expected only ${expected.release}` }
  if (right < expected.wanted) {
    const down = instances.filter(
      ({ release, state }) => release === expected.release && state === 'down',
    ).length
    const detail = down > 0 ? `, ${down} down` : ''
    return { outcome: 'failed', evidence: `${evidence}; expected ${expected.wanted}${detail}` }
  }
  return { outcome: 'passed', evidence }
}

/** `2 instances serve r3 (pids 123, 124)`, for every release that serves. */
export function describeServing(serving: readonly Instance[]): string {
  if (serving.length === 0) return 'no instance serves'
  const groups = new Map<string, Instance[]>()
  for (const instance of serving) {
    const key = instance.release ?? `something unknown (${instance.unit})`
    groups.set(key, [...(groups.get(key) ?? []), instance])
  }
  return [...groups]
    .map(([release, of]) => {
      const noun = of.length === 1 ? 'instance serves' : 'instances serve'
      return `${of.length} ${noun} ${release} (${of.map(({ id }) => id).join(', ')})`
    })
    .join('; ')
}
