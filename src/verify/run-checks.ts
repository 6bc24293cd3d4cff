import type { Configuration } from '../domain/configuration.ts'
import type { HttpCheck } from '../domain/http-check.ts'
import type { CheckResult, Outcome } from '../domain/verification.ts'
import type { Prober } from '../ports/prober.ts'
import type { PrivateAddress } from '../ports/runtime.ts'

/** The configured health endpoints and smoke checks, in the order a person would try them. */
export function checksOf(configuration: Configuration): HttpCheck[] {
  const { live, database, ready } = configuration.health
  const health = (name: string, path: string | null): HttpCheck[] =>
    path === null
      ? []
      : [
          {
            name: `health ${name}`,
            method: 'GET',
            path,
            requestHeaders: {},
            body: null,
            status: null,
            headers: {},
            json: {},
            withinMs: configuration.verify.timeoutMs,
          },
        ]
  return [
    ...health('live', live),
    ...health('database', database),
    ...health('ready', ready),
    ...configuration.smoke,
  ]
}

/** Every check once, side by side. */
export async function runChecks(
  prober: Prober,
  target: PrivateAddress | { url: string },
  checks: readonly HttpCheck[],
): Promise<CheckResult[]> {
  return Promise.all(
    checks.map(async (check) => {
      const { outcome, evidence, ms } = await prober.probe(target, check)
      return { name: check.name, outcome, evidence, ms }
    }),
  )
}

const SEVERITY: Record<Outcome, number> = { passed: 0, unknown: 1, failed: 2 }

/** Over several rounds the worst answer of each check stands, with the slowest time. */
export function mergeRounds(rounds: readonly CheckResult[][]): CheckResult[] {
  const merged = new Map<string, CheckResult>()
  for (const result of rounds.flat()) {
    const known = merged.get(result.name)
    if (known === undefined) {
      merged.set(result.name, result)
      continue
    }
    const worse = SEVERITY[result.outcome] > SEVERITY[known.outcome] ? result : known
    const slowest = Math.max(known.ms ?? 0, result.ms ?? 0)
    merged.set(result.name, { ...worse, ms: known.ms === null && result.ms === null ? null : slowest })
  }
  return [...merged.values()]
}
