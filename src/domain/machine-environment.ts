import type { Environment } from './replace-variables.ts'

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

/** What a clean machine would have, and nothing that the service runs with: for npm, and for what it runs. */
export function machineEnvironment(caller: Environment): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const [name, value] of Object.entries(caller)) {
    const wanted = kept.has(name) || network.test(name) || (npmSetting.test(name) && !ofOneCommand.test(name))
    if (value !== undefined && wanted) picked[name] = value
  }
  return picked
}
