import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'

/** Of package.json, what is looked at; anything of another type is as good as absent. */
export interface PackageFile {
  name: string | null
  version: string | null
  main: string | null
  scripts: Record<string, string>
  /** Names of all packages, those for development included. */
  packages: Set<string>
}

/** @throws OperatorError NOT_A_PROJECT, PACKAGE_UNREADABLE */
export async function readPackage(directory: string): Promise<PackageFile> {
  const path = join(directory, 'package.json')
  let content: unknown
  try {
    content = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new OperatorError('NOT_A_PROJECT', { directory })
    throw new OperatorError('PACKAGE_UNREADABLE', { path, detail: messageOf(error) }, { cause: error })
  }
  if (!isRecord(content))
    throw new OperatorError('PACKAGE_UNREADABLE', { path, detail: 'it is not a JSON object' })
  const { dependencies, devDependencies } = content
  return {
    name: textOrNull(content.name),
    version: textOrNull(content.version),
    main: textOrNull(content.main),
    scripts: texts(content.scripts),
    packages: new Set([...Object.keys(texts(dependencies)), ...Object.keys(texts(devDependencies))]),
  }
}

function texts(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
