const { isAbsolute } = require('node:path') as typeof import('node:path')

export interface Settings {
  /** Release id, like `r3`. */
  readonly release: string
  /** Folder for sockets and hold markers. */
  readonly run: string
  /** The variables the release was given; every other one is a leftover. Null: leave the environment alone. */
  readonly envKeys: readonly string[] | null
  /** A worker of PM2's cluster, whose environment is still the daemon's own when a preload runs. */
  readonly pm2Cluster: boolean
}

type Lookup = (name: string) => unknown

/**
 * PM2 gives a cluster worker its environment as JSON and applies it only after the preloads ran, so until then
 * process.env holds what some other app left in the daemon. Never fall back to it.
 */
function lookupIn(env: NodeJS.ProcessEnv): { lookup: Lookup; pm2Cluster: boolean } {
  if (env.pm2_env === undefined) return { lookup: (name) => env[name], pm2Cluster: false }
  const pm2Env = JSON.parse(env.pm2_env) as Record<string, unknown>
  const inner = (typeof pm2Env.env === 'object' && pm2Env.env !== null ? pm2Env.env : {}) as Record<
    string,
    unknown
  >
  return { lookup: (name) => pm2Env[name] ?? inner[name], pm2Cluster: true }
}

function readEnvKeys(text: unknown): readonly string[] | null {
  if (typeof text !== 'string' || text === '') return null
  try {
    const keys: unknown = JSON.parse(text)
    return Array.isArray(keys) && keys.every((key) => typeof key === 'string') ? keys : null
  } catch {
    return null
  }
}

/** Null: this process is not meant to have an agent. */
function readSettings(env: NodeJS.ProcessEnv): Settings | null {
  const { lookup, pm2Cluster } = lookupIn(env)
  const release = lookup('LASTGOOD_RELEASE')
  const run = lookup('LASTGOOD_RUN')
  if (typeof release !== 'string' || !/^[a-z0-9-]+$/.test(release)) return null
  if (typeof run !== 'string' || !isAbsolute(run)) return null
  return { release, run, envKeys: readEnvKeys(lookup('LASTGOOD_ENV_KEYS')), pm2Cluster }
}

const settings = { readSettings }
export type SettingsModule = typeof settings
module.exports = settings
