import { relative } from 'node:path'
import type { Pm2Configuration } from '../domain/configuration.ts'
import type { Pm2Launch } from '../ports/release-store.ts'
import { type EcosystemApp, splitArguments } from './ecosystem-app.ts'
import { type Places, pathInArtifact, pathOutsideArtifact } from './place-path.ts'

export interface LaunchInputs {
  configuration: Pm2Configuration
  url: string
  app: EcosystemApp | null
  env: Readonly<Record<string, string>>
  places: Places
  cpus: number
}

export interface LaunchSettings {
  /** Folder the service is started in, relative to the artifact. */
  folder: string
  /** `script` is relative to that folder; null when none is named or it leads out of the release. */
  runtime: Omit<Pm2Launch, 'script'> & { script: string | null }
}

/** Set by lastgood, by another field, or meant for somebody who edits files in place. */
const notPassedOn =
  /^(name|name_prefix|append_env_to_name|namespace|script|args|cwd|env.*|filter_env|watch|watch_.*|ignore_watch|wait_ready|listen_timeout|instances|exec_mode|node_args|port|install_url|force|write)$/
const writtenTo = /^(out|error|log|pid)_file$/

/** The ecosystem file, and over it what the configuration sets. */
export function deriveLaunchSettings(inputs: LaunchInputs): LaunchSettings {
  const { configuration, app, places } = inputs
  const folder = startFolder(places, app?.cwd)
  const mode = configuration.mode ?? execMode(app, configuration.instances ?? app?.instances)
  return {
    folder,
    runtime: {
      kind: 'pm2',
      app: configuration.app,
      script: findScript(places, folder, configuration.script ?? app?.script),
      args: configuration.args ?? splitArguments(app?.args),
      nodeArgs: configuration.nodeArgs ?? splitArguments(app?.node_args),
      mode,
      instances: countInstances(configuration.instances ?? app?.instances, inputs.cpus),
      port: findPort(inputs),
      portVariable: configuration.portVariable,
      agent: configuration.agent,
      options: passedOn(app, places, folder),
    },
  }
}

/** An absolute folder elsewhere is where the project used to be deployed to; the release takes its place. */
function startFolder(places: Places, cwd: unknown): string {
  if (typeof cwd !== 'string') return '.'
  return pathInArtifact(places, '.', cwd) ?? '.'
}

function findScript(places: Places, folder: string, script: unknown): string | null {
  if (typeof script !== 'string' || script === '') return null
  const inArtifact = pathInArtifact(places, folder, script)
  if (inArtifact === null) return null
  const [root] = places.artifact
  return relative(`${root}/${folder}`, `${root}/${inArtifact}`)
}

/** PM2's own rule: cluster when a number of instances is given, fork when none is. */
function execMode(app: EcosystemApp | null, instances: unknown): 'cluster' | 'fork' {
  const mode = app?.exec_mode
  if (typeof mode === 'string') return mode.startsWith('cluster') ? 'cluster' : 'fork'
  const interpreter = app?.interpreter ?? 'node'
  return instances !== undefined && /node$/.test(String(interpreter)) ? 'cluster' : 'fork'
}

/** PM2's own arithmetic: `max` and 0 are all processors, -1 all but one; never less than one. */
export function countInstances(wanted: unknown, cpus: number): number {
  if (wanted === undefined || wanted === null) return 1
  const number = wanted === 'max' ? 0 : Number.parseInt(String(wanted), 10) || 0
  return Math.max(1, number <= 0 ? cpus + number : number)
}

function findPort({ configuration, env, url }: LaunchInputs): number {
  if (configuration.port !== null) return configuration.port
  const fromEnv = Number(env[configuration.portVariable])
  if (Number.isInteger(fromEnv) && fromEnv > 0 && fromEnv < 65_536) return fromEnv
  const { port, protocol } = new URL(url)
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
}

function passedOn(app: EcosystemApp | null, places: Places, folder: string): Pm2Launch['options'] {
  const options: Pm2Launch['options'] = {}
  for (const [name, value] of Object.entries(app ?? {})) {
    if (notPassedOn.test(name)) continue
    if (typeof value === 'string' && writtenTo.test(name)) {
      options[name] = pathOutsideArtifact(places, folder, value)
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      options[name] = value
    }
  }
  return options
}
