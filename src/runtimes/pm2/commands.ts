import { join } from 'node:path'
import type { ReleaseId } from '../../domain/release.ts'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import type { Pm2Process } from './parse.ts'

/** PM2's own start options, one app. */
export type ProcessFile = { apps: [{ name: string } & Record<string, unknown>] }

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

/**
 * The same, of a process that lastgood started. The namespace tells: somebody may have an app of their own that happens to
 * be called `shop-r2`.
 */
export function releaseOfProcess(app: string, process: Pick<Pm2Process, 'name' | 'namespace'>) {
  return process.namespace === app ? releaseOfUnit(app, process.name) : null
}

const quiet = ['--silent', '--no-color']

export const listArgs = (): string[] => ['jlist', '--silent']
export const startArgs = (file: string): string[] => ['start', file, ...quiet]
export const deleteArgs = (targets: readonly string[]): string[] => ['delete', ...targets, ...quiet]
export const saveArgs = (): string[] => ['save', ...quiet]
export const pingArgs = (): string[] => ['ping', ...quiet]

/**
 * What to call these processes in a `pm2 delete`. PM2 takes a name that it does not know for a namespace, and ours is
 * called as the service is: were its plain app gone by the time the command runs, `delete my-store-api` would end every
 * release. So an app goes by its number, unless all of its name are meant and it is named after a release; those PM2
 * deletes side by side, numbers only one after the other.
 */
export function deleteTargets(
  app: string,
  doomed: readonly Pm2Process[],
  all: readonly Pm2Process[],
): string[] {
  const ids = new Set(doomed.map(({ id }) => id))
  const byName = (process: Pm2Process) =>
    releaseOfUnit(app, process.name) !== null &&
    all.every(({ name, id }) => name !== process.name || ids.has(id))
  return [...new Set(doomed.map((process) => (byName(process) ? process.name : String(process.id))))]
}

/** Where PM2 is told to write what the release says; the project's own setting wins. */
export function errorLogPath(
  logFolder: string,
  unit: string,
  launch: LaunchRecord<Pm2Launch> | null,
): string {
  const own = launch?.runtime.options.error_file
  return typeof own === 'string' ? own : join(logFolder, `${fileName(unit)}-error.log`)
}

const fileName = (unit: string) => unit.replace(/[^a-zA-Z0-9.-]/g, '-')

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
  launch: LaunchRecord<Pm2Launch>,
  logFolder: string,
  agent: AgentLaunch | null,
): ProcessFile {
  const { runtime } = launch
  const name = unitName(runtime.app, release)
  return {
    apps: [
      {
        ...baseOptions(launch, logFolder, name),
        name,
        exec_mode: runtime.mode,
        instances: runtime.instances,
        node_args: agent === null ? runtime.nodeArgs : ['--require', agent.register, ...runtime.nodeArgs],
        env: agent === null ? launch.env : agentEnvironment(release, launch, agent),
        ...(agent === null ? { kill_timeout: killTimeout(launch) } : {}),
      },
    ],
  }
}

/** One process on a port of its own, to be tried without traffic. */
export function probeFile(
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
  logFolder: string,
  port: number,
): ProcessFile {
  const { runtime } = launch
  const name = probeUnitName(runtime.app, release)
  return {
    apps: [
      {
        ...baseOptions(launch, logFolder, name),
        name,
        exec_mode: 'fork',
        instances: 1,
        autorestart: false,
        node_args: runtime.nodeArgs,
        env: { ...launch.env, [runtime.portVariable]: String(port) },
      },
    ],
  }
}

function baseOptions(
  launch: LaunchRecord<Pm2Launch>,
  logFolder: string,
  name: string,
): Record<string, unknown> {
  const { runtime } = launch
  return {
    merge_logs: true,
    out_file: join(logFolder, `${fileName(name)}-out.log`),
    error_file: errorLogPath(logFolder, name, null),
    ...runtime.options,
    // `pm2 logs my-store-api` and `pm2 restart my-store-api` go on working for the person who types them.
    namespace: runtime.app,
    script: `${launch.directory}/${runtime.script}`,
    cwd: launch.directory,
    args: runtime.args,
    // PM2 leaves out every variable whose name contains one of these; `true`, which it documents, does nothing in 7.0.
    filter_env: [''],
    // Whether it is ready is found out by asking it; waiting here would only delay that.
    wait_ready: false,
    vizion: false,
    watch: false,
  }
}

/** Nothing drains it, so an app that closes its server on SIGINT needs PM2 to wait; the default is 1.6 s. */
function killTimeout({ runtime, configuration }: LaunchRecord<Pm2Launch>): number {
  const own = Number(runtime.options.kill_timeout)
  return Math.max(Number.isFinite(own) ? own : 0, configuration.drainTimeoutMs, 1_600)
}

function agentEnvironment(
  release: ReleaseId,
  launch: LaunchRecord<Pm2Launch>,
  agent: AgentLaunch,
): Record<string, string> {
  const env = { ...launch.env, LASTGOOD_RELEASE: release, LASTGOOD_RUN: agent.runFolder }
  return { ...env, LASTGOOD_ENV_KEYS: JSON.stringify([...Object.keys(env), 'LASTGOOD_ENV_KEYS']) }
}
