import type { LaunchRecord } from '../ports/release-store.ts'

/** As the release is started, once, on the copy. The runtime of rehearsals gives it another name. */
export function rehearsalLaunch(launch: LaunchRecord, env: Record<string, string>): LaunchRecord {
  return { ...launch, env, runtime: { ...launch.runtime, instances: 1 } }
}
