import { dirname } from 'node:path'
import { type CallerEnvironment, pickVariables } from './caller-environment.ts'

const kept = new Set(['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'SHELL'])
/** What a machine needs to reach its package registry at all. */
const network = /^((https?|no|all|ftp)_proxy|node_extra_ca_certs|ssl_cert_(file|dir))$/i
const npmSetting = /^npm_config_/i
/**
 * Settings of one npm command, not of the machine: when lastgood itself is run by `npm run` or `npx`, npm hands down the
 * ones it was called with, and `--omit=dev` would take the compiler from the build.
 */
const ofOneCommand =
  /^npm_config_(also|argv|call|dev|dry_run|force|global|global_prefix|include|local_prefix|location|omit|only|optional|package|package_lock|package_lock_only|prefix|production|user_agent|workspace|workspaces|yes)$/i

/**
 * Environment of the build commands: what a clean machine would have, and nothing that the service runs with. No
 * NODE_ENV, because `production` would leave the build tools out.
 */
export function buildEnvironment(caller: CallerEnvironment, directory: string): Record<string, string> {
  const wanted = (name: string) =>
    kept.has(name) || network.test(name) || (npmSetting.test(name) && !ofOneCommand.test(name))
  return {
    ...pickVariables(caller, wanted),
    CI: '1',
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    // A build that asks git must not find a repository that the home happens to lie in, and change its hooks.
    GIT_CEILING_DIRECTORIES: dirname(directory),
  }
}
