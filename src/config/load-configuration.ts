import { readFile, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, resolve } from 'node:path'
import type { Configuration } from '../domain/configuration.ts'
import type { Environment } from '../domain/replace-variables.ts'
import { messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'
import { formatProblem } from './problem.ts'
import { readConfiguration } from './read-configuration.ts'
import { resolvePaths } from './resolve-paths.ts'

const MOST_BYTES = 256 * 1024

export interface LoadedConfiguration {
  configuration: Configuration
  /** The file as written: `${NAME}` is not replaced, and a secret that stands in it literally is `***`. */
  text: string
  /** Absolute. */
  path: string
  /** Values that no output may show, longest first. */
  secrets: string[]
}

/**
 * Imports zod and yaml (about 100 ms): import this file only where a configuration is needed.
 * @throws OperatorError NO_CONFIG, CONFIG_INVALID with one line of `details` for each problem
 */
export async function loadConfiguration(file: string, env: Environment): Promise<LoadedConfiguration> {
  const path = resolve(file)
  const result = readConfiguration(await readText(path), env)
  if (!result.ok) {
    const details = result.problems.map((problem) => formatProblem(basename(path), problem))
    throw new OperatorError('CONFIG_INVALID', { path, count: details.length }, { details })
  }
  const configuration = resolvePaths(result.configuration, dirname(path), env.HOME ?? homedir())
  return { configuration, text: result.text, path, secrets: result.secrets }
}

async function readText(path: string): Promise<string> {
  try {
    const about = await stat(path)
    if (!about.isFile()) throw unreadable(path, 'is not a file')
    if (about.size > MOST_BYTES) throw unreadable(path, `is larger than ${MOST_BYTES / 1024} KiB`)
    return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path))
  } catch (error) {
    if (error instanceof OperatorError) throw error
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR')
      throw new OperatorError('NO_CONFIG', { path })
    throw unreadable(
      path,
      systemCode(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8' : messageOf(error),
    )
  }
}

function unreadable(path: string, why: string): OperatorError {
  return new OperatorError(
    'CONFIG_INVALID',
    { path, count: 1 },
    { details: [`${basename(path)}:1:1  ${why}`] },
  )
}
