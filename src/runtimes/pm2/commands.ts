import type { ReleaseId } from '../../domain/release.ts'
import type { LaunchRecord } from '../../ports/release-store.ts'

/** PM2's own start options, one app. */
export type ProcessFile = { apps: [Record<string, unknown>] }

/** Every release is an app of its own in PM2, so that two can run side by side: `my-store-api-r3`. */
export function unitName(app: string, release: ReleaseId): string {
  return `${app}-${release}`
}

export function probeUnitName(app: string, release: ReleaseId): string {
  return `${app}-${release}-probe`
}

/** `my-store-api-r3` -> `r3`; null for any other app. */
export function releaseOfUnit(app: string, unit: string): { release: ReleaseId; probe: boolean } | null {
  if (!unit.startsWith(`${app}-`)) return null
  const [, release, probe] = /^(r\d+)(-probe)?$/.exec(unit.slice(app.length + 1)) ?? []
  return release === undefined ? null : { release, probe: probe !== undefined }
}

export const listArgs = (): string[] => ['jlist', '--silent']
export const startArgs = (file: string): string[] => ['start', file, '--silent', '--no-color']
export const deleteArgs = (units: readonly string[]): string[] => [
  'delete',
  ...units,
  '--silent',
  '--no-color',
]
export const saveArgs = (): string[] => ['save', '--silent', '--no-color']
export const pingArgs = (): string[] => ['ping', '--silent', '--no-color']

interface AgentLaunch {
  /** The agent's entry file. */
  register: string
  runFolder: string
}

/**
 * The process file of a release. Paths are absolute and real, never through a symlink (PM2 resolves one once and then
 * keeps serving the old folder). The environment is complete: PM2 must neither add its caller's variables nor merge with
 * those of an earlier start.
 */
export function processFile(
  release: ReleaseId,
  launch: LaunchRecord,
  agent: AgentLaunch | null,
): ProcessFile {
  const { runtime } = launch
  return {
    apps: [
      {
        ...baseOptions(launch),
        name: unitName(runtime.app, release),
        exec_mode: runtime.mode,
        instances: runtime.instances,
        node_args: agent === null ? runtime.nodeArgs : ['--require', agent.register, ...runtime.nodeArgs],
        env: agent === null ? launch.env : agentEnvironment(release, launch, agent),
      },
    ],
  }
}

/** One process on a port of its own, to be tried without traffic. */
export function probeFile(release: ReleaseId, launch: LaunchRecord, port: number): ProcessFile {
  const { runtime } = launch
  return {
    apps: [
      {
        ...baseOptions(launch),
        name: probeUnitName(runtime.app, release),
        exec_mode: 'fork',
        instances: 1,
        autorestart: false,
        node_args: runtime.nodeArgs,
        env: { ...launch.env, [runtime.portVariable]: String(port) },
      },
    ],
  }
}

function baseOptions(launch: LaunchRecord): Record<string, unknown> {
  const { runtime } = launch
  return {
    ...runtime.options,
    // `pm2 logs my-store-api` and `pm2 restart my-store-api` go on working for the person who types them.
    namespace: runtime.app,
    script: `${launch.directory}/${runtime.script}`,
    cwd: launch.directory,
    args: runtime.args,
    filter_env: true,
    // Whether it is ready is found out by asking it; waiting here would only delay that.
    wait_ready: false,
    vizion: false,
    watch: false,
  }
}

function agentEnvironment(
  release: ReleaseId,
  launch: LaunchRecord,
  agent: AgentLaunch,
): Record<string, string> {
  const env = { ...launch.env, LASTGOOD_RELEASE: release, LASTGOOD_RUN: agent.runFolder }
  return { ...env, LASTGOOD_ENV_KEYS: JSON.stringify([...Object.keys(env), 'LASTGOOD_ENV_KEYS']) }
}
