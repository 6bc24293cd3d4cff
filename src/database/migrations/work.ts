import { join } from 'node:path'
import type { ReleaseSchema } from '../../domain/migration.ts'
import type { CommandRunner } from '../../ports/command-runner.ts'
import type { MigrationFiles, MigrationPlace, MigrationRequest } from '../../ports/migrations.ts'
import type { Sql } from '../postgres/session.ts'
import { childEnvironment } from './child-environment.ts'
import { isTypeScript } from './code-files.ts'
import { listFiles } from './project.ts'
import { runDriver, runProgram, type ToolRun } from './run-tool.ts'
import type { MigrationSettings, ToolWork } from './tool.ts'

/** How long a statement waits for a lock. Everybody who comes after it waits behind it, so it is short. */
export const LOCK_TIMEOUT_MS = 5_000
const TOOL_TIMEOUT_MS = 30 * 60_000

export interface MigrationParts {
  /** Of the service's own database, as the service connects. */
  url: string
  settings: MigrationSettings
  runner: CommandRunner
  /** Folder with drivers/*.mjs, beside the program. */
  drivers: string
  crash(point: string): void
}

export function workFor(
  parts: MigrationParts,
  sql: Sql,
  request: MigrationPlace & { schema: ReleaseSchema } & Partial<MigrationRequest>,
): ToolWork {
  const { files, schema } = request
  const run = toolRun(parts, request, request.timeoutMs ?? TOOL_TIMEOUT_MS)
  const folder = schema.folder === null ? null : join(files.directory, schema.folder)
  return {
    sql,
    files,
    folder,
    table: schema.table,
    known: schema.migrations,
    settings: parts.settings,
    async drive(driver, order) {
      const typescript = folder !== null && (await listFiles(folder)).some(isTypeScript)
      await runDriver(run, driver, order, typescript)
    },
    program: (name, args) => runProgram(run, name, args),
    command: ([name = '', ...args]) => runProgram(run, name, args),
  }
}

export function toolRun(
  parts: MigrationParts,
  { files, url, signal, logFile, lockTimeoutMs }: Partial<MigrationRequest> & { files: MigrationFiles },
  timeoutMs: number,
): ToolRun {
  const aim = { own: parts.url, url: url ?? parts.url, lockTimeoutMs: lockTimeoutMs ?? LOCK_TIMEOUT_MS }
  return {
    runner: parts.runner,
    drivers: parts.drivers,
    directory: files.directory,
    env: childEnvironment(files.env, aim),
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(logFile === undefined ? {} : { logFile }),
  }
}
