const { randomBytes } = require('node:crypto') as typeof import('node:crypto')
const { readFileSync } = require('node:fs') as typeof import('node:fs')
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
  /**
   * In a container: which one. There, several processes have the same pid, more than one loads the preload without ever
   * serving (npm, a healthcheck), and the user may be another than the one who asks. Null: not in one.
   */
  readonly container: string | null
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

/** The engine's short id: the host name may be anything, but the file it stands in is mounted from the container's folder. */
function containerId(): string {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
  return /\/containers\/([0-9a-f]{12})[0-9a-f]{52}\//.exec(mounts)?.[1] ?? randomBytes(6).toString('hex')
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
  const container = lookup('LASTGOOD_CONTAINER') === '1' ? containerId() : null
  return { release, run, envKeys: readEnvKeys(lookup('LASTGOOD_ENV_KEYS')), pm2Cluster, container }
}

const settings = { readSettings }
export type SettingsModule = typeof settings
module.exports = settings
