import { realpath, stat } from 'node:fs/promises'
import { cpus } from 'node:os'
import { join, resolve } from 'node:path'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { Packager, PackRequest } from '../ports/packager.ts'
import type { LaunchRecord } from '../ports/release-store.ts'
import { type CallerEnvironment, pickVariables } from './caller-environment.ts'
import type { EcosystemApp } from './ecosystem-app.ts'
import { launchEnvironment } from './launch-environment.ts'
import { deriveLaunchSettings } from './launch-settings.ts'
import { type Places, pathInArtifact } from './place-path.ts'
import { readEcosystem } from './read-ecosystem.ts'

/** For PM2 the built folder is what is started: the ecosystem file of the checkout says how. */
export function createPm2Packager(runner: CommandRunner, caller: CallerEnvironment): Packager {
  return {
    requirePrebuilt(name) {
      const detail = 'PM2 starts what is built from a commit, and no image'
      throw new OperatorError('PREBUILT_INVALID', { name, detail, how: 'HEAD' })
    },
    pack: (request) => pack(runner, caller, request),
  }
}

/** @throws OperatorError ECOSYSTEM_INVALID, UNKNOWN_APP, ENTRY_MISSING, OTHER_RUNTIME */
async function pack(
  runner: CommandRunner,
  caller: CallerEnvironment,
  { configuration, secrets, release, directory, commit, signal }: PackRequest,
): Promise<LaunchRecord> {
  const settings = configuration.runtime
  if (settings.kind !== 'pm2')
    throw new OperatorError('OTHER_RUNTIME', { made: 'pm2', configured: settings.kind })
  const places = await findPlaces(directory, configuration.source.repository)
  const { ecosystem } = settings
  let app: EcosystemApp | null = null
  if (ecosystem !== null) {
    const file = pathInArtifact(places, '.', ecosystem) ?? ecosystem
    const seen = { ...pickVariables(caller, () => true), ...configuration.env }
    const question = { directory, file, app: settings.app, commit, env: seen, signal }
    app = await readEcosystem(runner, question)
  }
  const env = launchEnvironment(caller, app, { env: configuration.env, runtime: settings }, release)
  const inputs = { configuration: settings, url: configuration.url, app, env, places }
  const { folder, runtime } = deriveLaunchSettings({ ...inputs, cpus: cpus().length || 1 })
  const { script } = runtime
  const started = resolve(directory, folder)
  if (script === null || !(await isFile(join(started, script)))) {
    const named = script ?? settings.script ?? String(app?.script ?? 'An entry script')
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
