import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReleaseSchema } from '../../domain/migration.ts'
import { isOperatorError, messageOf, OperatorError } from '../../errors/operator-error.ts'
import type { MigrationFiles } from '../../ports/migrations.ts'
import { chooseTool } from './choose-tool.ts'
import { isTypeScript } from './code-files.ts'
import { listFiles, readProject } from './project.ts'
import { runDriver } from './run-tool.ts'
import type { InspectedFile } from './tool.ts'
import { type MigrationParts, toolRun } from './work.ts'

const LOOK_TIMEOUT_MS = 60_000

/** @throws OperatorError MIGRATIONS_UNREADABLE, MIGRATION_TOOL_UNKNOWN */
export async function describeRelease(
  parts: MigrationParts,
  release: MigrationFiles,
): Promise<ReleaseSchema | null> {
  const chosen = await chooseTool(await readProject(release.directory), parts.settings)
  if (chosen === null) return null
  const { adapter, folder, table } = chosen
  const absolute = join(release.directory, folder)
  const inspect = async (files: readonly string[]) => inspectCode(parts, release, absolute, files)
  try {
    const files = await listFiles(absolute)
    const text = (file: string) => readFile(join(absolute, file), 'utf8')
    const migrations = await adapter.describe({ folder: absolute, files, text, inspect })
    return { tool: adapter.tool, folder, table, migrations }
  } catch (error) {
    if (isOperatorError(error)) throw error
    throw new OperatorError('MIGRATIONS_UNREADABLE', { detail: messageOf(error) }, { cause: error })
  }
}

async function inspectCode(
  parts: MigrationParts,
  release: MigrationFiles,
  folder: string,
  files: readonly string[],
): Promise<InspectedFile[]> {
  if (files.length === 0) return []
  const run = toolRun(parts, { files: release }, LOOK_TIMEOUT_MS)
  const order = { files: files.map((file) => join(folder, file)) }
  // Written by our own driver, field by field.
  return (await runDriver(run, 'inspect', order, files.some(isTypeScript))) as InspectedFile[]
}
