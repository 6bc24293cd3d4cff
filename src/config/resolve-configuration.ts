import { resolve } from 'node:path'
import type { Configuration } from '../domain/configuration.ts'
import { foldService } from '../domain/fold-service.ts'
import { isOperatorError, type OperatorError } from '../errors/operator-error.ts'
import type { Journal } from '../ports/journal.ts'
import type { ReleaseStore } from '../ports/release-store.ts'

export interface ResolvedConfiguration {
  configuration: Configuration
  configurationText: string
  configPath: string
  secrets: string[]
  /** Why the file itself could not be used; null when it is the one in use. */
  problem: OperatorError | null
}

/**
 * The configuration as the file has it. A file that cannot be used does not stop anybody at 3 in the morning: then the one
 * that was valid when the serving release was built is taken, and that is said.
 */
export async function resolveConfiguration(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  journal: Pick<Journal, 'read'>,
  store: ReleaseStore,
): Promise<ResolvedConfiguration> {
  const { loadConfiguration } = await import('./load-configuration.ts')
  try {
    const loaded = await loadConfiguration(file, env)
    const { configuration, text, path, secrets } = loaded
    return { configuration, configurationText: text, configPath: path, secrets, problem: null }
  } catch (error) {
    if (!isOperatorError(error)) throw error
    const kept = await lastValid(resolve(file), journal, store)
    if (kept === null) throw error
    return { ...kept, configPath: resolve(file), problem: error }
  }
}

async function lastValid(path: string, journal: Pick<Journal, 'read'>, store: ReleaseStore) {
  const events = await journal.read()
  const owner = events.findLast(
    (event) => event.type === 'ServiceRegistered' && event.data.configPath === path,
  )
  if (owner === undefined) return null
  const { live } = foldService(owner.service, events)
  if (live === null) return null
  const launch = await store.launchRecord(owner.service, live).catch(() => null)
  if (launch === null) return null
  const { collectEnvironmentSecrets } = await import('./secrets.ts')
  return {
    release: live,
    configuration: launch.configuration,
    configurationText: await store.configurationText(owner.service, live),
    secrets: collectEnvironmentSecrets(launch.env),
  }
}
