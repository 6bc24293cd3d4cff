import { dirname } from 'node:path'
import { machineEnvironment } from '../domain/machine-environment.ts'
import type { CallerEnvironment } from './caller-environment.ts'

/**
 * Environment of the build commands: what a clean machine would have, and nothing that the service runs with. No
 * NODE_ENV, because `production` would leave the build tools out.
 */
export function buildEnvironment(caller: CallerEnvironment, directory: string): Record<string, string> {
  return {
    ...machineEnvironment(caller),
    CI: '1',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    // A build that asks git must not find a repository that the home happens to lie in, and change its hooks.
    GIT_CEILING_DIRECTORIES: dirname(directory),
  }
}
