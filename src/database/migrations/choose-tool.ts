import { OperatorError } from '../../errors/operator-error.ts'
import { listFiles, type Project } from './project.ts'
import type { MigrationSettings, ToolAdapter } from './tool.ts'
import { tools } from './tools/index.ts'
import { plainSql } from './tools/sql.ts'

export interface Chosen {
  adapter: ToolAdapter
  /** Relative to the release. */
  folder: string
  table: string | null
}

/**
 * What the configuration says, else what the release's packages say. Null: it brings no migrations.
 * @throws OperatorError MIGRATION_TOOL_UNKNOWN, MIGRATIONS_UNREADABLE
 */
export async function chooseTool(project: Project, settings: MigrationSettings): Promise<Chosen | null> {
  if (settings.tool !== null) {
    const adapter = adapterFor(settings.tool)
    const folder = await findFolder(project, adapter, settings)
    if (folder === null) throw noFolder(adapter.tool, await adapter.folders(project))
    return complete(project, adapter, folder, settings)
  }
  for (const adapter of tools.filter((candidate) => candidate.recognises(project))) {
    const folder = await findFolder(project, adapter, settings)
    if (folder !== null) return complete(project, adapter, folder, settings)
  }
  return chooseWithoutTool(project, settings)
}

export function adapterFor(tool: ToolAdapter['tool']): ToolAdapter {
  const adapter = tools.find((candidate) => candidate.tool === tool)
  if (adapter === undefined) throw new OperatorError('MIGRATION_TOOL_UNKNOWN', { folder: '', tool })
  return adapter
}

/** Commands where they are configured. SQL files alone may belong to any tool, so they are not run on a guess. */
async function chooseWithoutTool(project: Project, settings: MigrationSettings): Promise<Chosen | null> {
  if (settings.commands !== null) {
    const adapter = adapterFor('commands')
    const folder = await findFolder(project, adapter, settings)
    if (folder === null) throw noFolder('commands', await adapter.folders(project))
    return complete(project, adapter, folder, settings)
  }
  const folder = await findFolder(project, plainSql, settings)
  if (folder === null) return null
  const files = await listFiles(`${project.directory}/${folder}`)
  if (files.length === 0) return null
  throw new OperatorError('MIGRATION_TOOL_UNKNOWN', { folder, tool: 'none of this release' })
}

async function findFolder(
  project: Project,
  adapter: ToolAdapter,
  settings: MigrationSettings,
): Promise<string | null> {
  if (settings.folder !== null) {
    if (await project.isFolder(settings.folder)) return settings.folder
    throw noFolder(adapter.tool, [settings.folder])
  }
  for (const folder of await adapter.folders(project)) {
    const path = folder.replace(/^\.\//, '').replace(/\/+$/, '')
    // Out of the release nothing is a release's own.
    if (path.startsWith('/') || path.split('/').includes('..')) continue
    if (await project.isFolder(path)) return path
  }
  return null
}

async function complete(
  project: Project,
  adapter: ToolAdapter,
  folder: string,
  settings: MigrationSettings,
): Promise<Chosen> {
  return { adapter, folder, table: settings.table ?? (await adapter.table(project)) }
}

function noFolder(tool: string, looked: readonly string[]): OperatorError {
  return new OperatorError('MIGRATIONS_UNREADABLE', {
    detail: `the release has no folder of ${tool} migrations (looked for ${looked.join(', ')})`,
  })
}
