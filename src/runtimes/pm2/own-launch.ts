import { OperatorError } from '../../errors/operator-error.ts'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import type { Pm2Context } from './pm2-context.ts'

/** What would mix with the files of what serves, or start it again by the clock. */
const NOT_IN_A_TRIAL = ['error_file', 'out_file', 'log_file', 'pid_file', 'cron_restart']

/** A release as this service's PM2 starts it. @throws OperatorError OTHER_RUNTIME */
export function ownLaunch(
  { app, trial }: Pick<Pm2Context, 'app' | 'trial'>,
  launch: LaunchRecord,
): LaunchRecord<Pm2Launch> {
  const { runtime } = launch
  if (runtime.kind !== 'pm2')
    throw new OperatorError('OTHER_RUNTIME', { made: runtime.kind, configured: 'pm2' })
  const options = Object.entries(runtime.options).filter(([name]) => !trial || !NOT_IN_A_TRIAL.includes(name))
  return { ...launch, runtime: { ...runtime, app, options: Object.fromEntries(options) } }
}
