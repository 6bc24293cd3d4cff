import type { Configuration, Pm2Configuration } from '../domain/configuration.ts'
import type { ReleaseId } from '../domain/release.ts'
import { type CallerEnvironment, pickVariables } from './caller-environment.ts'
import { type EcosystemApp, isRecord } from './ecosystem-app.ts'

const base = new Set(['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ'])

/**
 * All variables the service will ever see, so that none of another release is left in it. Later ones win: a plain base,
 * the ecosystem file, its production part, the configuration.
 */
export function launchEnvironment(
  caller: CallerEnvironment,
  app: EcosystemApp | null,
  { env, runtime }: Pick<Configuration, 'env'> & { runtime: Pm2Configuration },
  release: ReleaseId,
): Record<string, string> {
  return {
    NODE_ENV: 'production',
    ...pickVariables(caller, (name) => base.has(name)),
    ...asVariables(app?.env),
    ...asVariables(app?.env_production),
    ...env,
    ...(runtime.port === null ? {} : { [runtime.portVariable]: String(runtime.port) }),
    LASTGOOD_RELEASE: release,
  }
}

function asVariables(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  const variables: Record<string, string> = {}
  for (const [name, content] of Object.entries(value)) {
    if (content === null || content === undefined) continue
    variables[name] = typeof content === 'object' ? JSON.stringify(content) : String(content)
  }
  return variables
}
