import type { Configuration } from '../domain/configuration.ts'
import type { Flow } from '../domain/flow.ts'
import { checksOf } from '../verify/run-checks.ts'

const EVERY_MS = 5_000

/** What is tried while a release serves: the flows of the configuration, and each health and smoke check as one of one step. */
export function flowsOf(configuration: Configuration): Flow[] {
  const { flows } = configuration.watch
  const taken = new Set(flows.map(({ name }) => name))
  const checks = checksOf(configuration).filter(({ name }) => !taken.has(name))
  return [
    ...flows,
    ...checks.map((check) => ({
      name: check.name,
      everyMs: EVERY_MS,
      steps: [{ ...check, save: {} }],
      cleanup: [],
    })),
  ]
}
