import { realpath, stat } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import type { Configuration } from '../domain/configuration.ts'
import type { ReleaseId } from '../domain/release.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { LaunchRecord } from '../ports/release-store.ts'
import { type CallerEnvironment, pickVariables } from './caller-environment.ts'
import type { EcosystemApp } from './ecosystem-app.ts'
import { launchEnvironment } from './launch-environment.ts'
import { deriveLaunchSettings } from './launch-settings.ts'
import { type Places, pathInArtifact } from './place-path.ts'
import { readEcosystem } from './read-ecosystem.ts'

export interface LaunchRequest {
  configuration: Configuration
  secrets: string[]
  release: ReleaseId
  /** The built artifact. */
  directory: string
  commit: string
  signal: AbortSignal
}

/**
 * All that is needed to start the release, taken from its own checkout.
 * @throws OperatorError ECOSYSTEM_INVALID, UNKNOWN_APP, ENTRY_MISSING
 */
export async function composeLaunch(
  runner: CommandRunner,
  caller: CallerEnvironment,
  { configuration, secrets, release, directory, commit, signal }: LaunchRequest,
): Promise<LaunchRecord> {
  const places = await findPlaces(directory, configuration.source.repository)
  const ecosystem = configuration.runtime.ecosystem
  let app: EcosystemApp | null = null
  if (ecosystem !== null) {
    const file = pathInArtifact(places, '.', ecosystem) ?? ecosystem
    const seen = { ...pickVariables(caller, () => true), ...configuration.env }
    const question = { directory, file, app: configuration.runtime.app, commit, env: seen, signal }
    app = await readEcosystem(runner, question)
  }
  const env = launchEnvironment(caller, app, configuration, release)
  const inputs = { configuration: configuration.runtime, url: configuration.url, app, env, places }
  const { folder, runtime } = deriveLaunchSettings({ ...inputs, cpus: cpus().length || 1 })
  const { script } = runtime
  const started = resolve(directory, folder)
  if (script === null || !(await isFile(join(started, script)))) {
    const named = script ?? configuration.runtime.script ?? String(app?.script ?? 'An entry script')
    throw new OperatorError('ENTRY_MISSING', { script: named, commit })
  }
  return {
    service: configuration.service,
    directory: started,
    env,
    secrets,
    runtime: { ...runtime, script },
    configuration,
  }
}

/** Each folder as it was named and as it really is: a program sees the second. */
export async function findPlaces(artifact: string, origin: string): Promise<Places> {
  return { artifact: [artifact, await realpath(artifact)], origin: [origin, await realpath(origin)] }
}

export async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null)
  return found?.isFile() === true
}
