import type { LaunchRecord } from '../ports/release-store.ts'

/** Its instances are never taken for those that serve. */
export function rehearsalApp(app: string): string {
  return `${app}+rehearsal`
}

/** What would mix with the files of what serves, or start it again by the clock. */
const NOT_HERE = ['error_file', 'out_file', 'log_file', 'pid_file', 'cron_restart']

/** As the release is started, once, on the copy, under another name. */
export function rehearsalLaunch(launch: LaunchRecord, env: Record<string, string>): LaunchRecord {
  const { runtime } = launch
  const options = Object.fromEntries(
    Object.entries(runtime.options).filter(([name]) => !NOT_HERE.includes(name)),
  )
  return { ...launch, env, runtime: { ...runtime, app: rehearsalApp(runtime.app), instances: 1, options } }
}
