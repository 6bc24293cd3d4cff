import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Configuration } from '../domain/configuration.ts'
import { isOperatorError, type OperatorError } from '../errors/operator-error.ts'
import type { JournalMemory } from '../ports/journal-memory.ts'
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
 * The configuration as the file has it. Two things keep it from standing in the way at 3 in the morning: a file that is still
 * what the serving release was built with is not parsed and checked again (that is 50 ms, and the variables it names may not
 * be set in this shell); and one that cannot be used gives way to the one kept with that release, which is said.
 * `fresh`: neither; for what is built or judged from the file itself.
 */
export async function resolveConfiguration(
  file: string,
  env: Readonly<Record<string, string | undefined>>,
  memory: JournalMemory,
  store: ReleaseStore,
  fresh: boolean,
): Promise<ResolvedConfiguration> {
  const configPath = resolve(file)
  const kept = fresh ? null : await keptWithLive(configPath, memory, store)
  const text = await readFile(configPath, 'utf8').catch(() => null)
  if (kept !== null && text === kept.configurationText) return { ...kept, configPath, problem: null }
  try {
    const { loadConfiguration } = await import('./load-configuration.ts')
    const { configuration, text: written, path, secrets } = await loadConfiguration(file, env)
    return { configuration, configurationText: written, configPath: path, secrets, problem: null }
  } catch (error) {
    if (!isOperatorError(error) || kept === null) throw error
    return { ...kept, configPath, problem: error }
  }
}

/** What the release that serves was built with, if the file at this path has ever put one out. */
async function keptWithLive(path: string, memory: JournalMemory, store: ReleaseStore) {
  const owner = await memory.serviceOf(path)
  if (owner === null) return null
  const { live } = await memory.state(owner)
  if (live === null) return null
  const launch = await store.launchRecord(owner, live).catch(() => null)
  const configurationText = await store.configurationText(owner, live).catch(() => null)
  if (launch === null || configurationText === null) return null
  return { configuration: launch.configuration, configurationText, secrets: launch.secrets }
}
