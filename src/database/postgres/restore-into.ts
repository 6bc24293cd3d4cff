import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Checkpoint, majorVersion, type TableContent } from '../../domain/checkpoint.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../../ports/command-runner.ts'
import { checkDump, DUMP_FOLDER } from './check-dump.ts'
import { findClientProgram } from './client-programs.ts'
import { type Connection, describeConnection, onDatabase } from './connection.ts'
import { createDatabase, dropDatabase } from './create-database.ts'
import { createExtensions } from './create-extensions.ts'
import { withMaintenance, withPatience } from './maintenance.ts'
import { withPassFile } from './pass-file.ts'
import { describeFailure, serverFailure } from './program-failure.ts'
import { requireRestorable } from './restore-requirements.ts'
import { restoreTemplate } from './restore-template.ts'
import { withoutEntries, withRowsOf } from './table-of-contents.ts'

export interface RestoreParts {
  /** Of a role that may create databases. Any database will do: the service's own, where the cluster has no other. */
  connection: Connection
  /** The checkpoint's. */
  folder: string
  runner: CommandRunner
  /** For PATH. */
  env: Record<string, string | undefined>
}

export interface RestoreOptions {
  /** Processes side by side. */
  jobs: number
  signal: AbortSignal
  /** Lets the new database be told from others, should we be killed right now. */
  onCreated?: () => Promise<void>
  /** The files were checked a moment ago. */
  trustFiles?: boolean
  /** Only these tables get their rows, the others are empty; a template is copied whole. Not given: all. */
  rowsOf?: readonly TableContent[]
}

const TIMEOUT_MS = 24 * 3_600_000

/**
 * Builds a new database from a checkpoint: files checked, everything needed is there, created with its language and owner,
 * the same extensions, the rows, statistics; a template is copied as it is. Database settings and grants are the caller's:
 * they belong to the name.
 * When it fails, the database it was building is dropped; when the process is killed it stays, under the name given.
 * @throws OperatorError CHECKPOINT_DAMAGED, DB_RESTORE_FAILED, INTERRUPTED, and those of requireRestorable
 */
export async function restoreInto(
  parts: RestoreParts,
  checkpoint: Checkpoint,
  databaseName: string,
  options: RestoreOptions,
): Promise<{ ms: number }> {
  const started = performance.now()
  const { template } = checkpoint
  if (template !== null) {
    await restoreTemplate(parts.connection, { ...checkpoint, template }, databaseName, options)
    return { ms: Math.round(performance.now() - started) }
  }
  if (!options.trustFiles) await requireSound(parts, checkpoint)
  // The client programs must read what pg_dump of that version wrote.
  const program = await findClientProgram('pg_restore', majorVersion(checkpoint.serverVersion), parts.env)
  await withMaintenance(parts.connection, `restore ${databaseName}`, async (session) => {
    const tables = options.rowsOf ?? checkpoint.content.tables
    const wanted = { ...checkpoint, content: { ...checkpoint.content, tables: [...tables] } }
    const major = await requireRestorable(session, wanted, databaseName)
    await createDatabase(session, databaseName, checkpoint.properties, major)
    try {
      await options.onCreated?.()
      await fill(parts, checkpoint, databaseName, options, program)
    } catch (error) {
      await dropDatabase(session, databaseName)
      throw error
    }
  })
  return { ms: Math.round(performance.now() - started) }
}

async function requireSound({ folder }: RestoreParts, checkpoint: Checkpoint): Promise<void> {
  const problems = await checkDump(folder, checkpoint)
  if (problems.length === 0) return
  const detail = problems.slice(0, 3).join('; ')
  throw new OperatorError('CHECKPOINT_DAMAGED', { checkpoint: checkpoint.id, detail }, { details: problems })
}

async function fill(
  parts: RestoreParts,
  checkpoint: Checkpoint,
  database: string,
  options: RestoreOptions,
  program: string,
): Promise<void> {
  const target = onDatabase(parts.connection, database)
  const { schemas } = await withPatience(target, `restore ${database}`, (session) =>
    createExtensions(session, checkpoint.content),
  )
  await runRestore(parts, checkpoint, target, options, program, schemas)
  // Without statistics the first minutes are slow, and that is when everybody looks.
  await withPatience(target, `restore ${database}`, (session) => session.query('ANALYZE'))
}

async function runRestore(
  parts: RestoreParts,
  checkpoint: Checkpoint,
  target: Connection,
  { jobs, signal, rowsOf }: RestoreOptions,
  program: string,
  madeSchemas: readonly string[],
): Promise<void> {
  const dump = join(parts.folder, DUMP_FOLDER)
  await withPassFile(target, parts.folder, async (env) => {
    const run = async (args: string[]) => {
      const result = await parts.runner.run({
        program,
        args,
        env: writing(env),
        timeoutMs: TIMEOUT_MS,
        signal,
      })
      if (result.outcome === 'aborted') throw new OperatorError('INTERRUPTED', { step: 'restore' })
      if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout
      throw restoreFailure(target, checkpoint, result)
    }
    const restore = ['--exit-on-error', '--no-password', `--jobs=${jobs}`, `--dbname=${conninfo(target)}`]
    if (madeSchemas.length === 0 && rowsOf === undefined) {
      await run([...restore, dump])
      return
    }
    const list = join(parts.folder, `.list-${process.pid}-${target.database}`)
    const entries = withoutEntries(await run(['--list', dump]), madeSchemas)
    await writeFile(list, rowsOf === undefined ? entries : withRowsOf(entries, rowsOf), { mode: 0o600 })
    await run([...restore, `--use-list=${list}`, dump]).finally(() => rm(list, { force: true }))
  })
}

function restoreFailure(target: Connection, { id }: Checkpoint, result: CommandResult): OperatorError {
  const { params, details } = describeFailure(result)
  const code = serverFailure(params.detail) ?? 'DB_RESTORE_FAILED'
  const { host, port, user } = target
  const server = describeConnection(target)
  return new OperatorError(code, { checkpoint: id, ...params, host, port, user, server }, { details })
}

/** A bare name with `=` in it would be read as settings. Everything else comes from the environment. */
function conninfo({ database }: Connection): string {
  return `dbname='${database.replace(/['\\]/g, '\\$&')}'`
}

/**
 * Writes also where the role or the cluster is set to read only, as while writes are frozen. And whoever is served from this server meanwhile shares its disk: no commit of ours asks for it to be flushed (the mark that the
 * database is whole does, once), and what is written goes out little by little, not in one burst.
 */
function writing(env: Record<string, string>): Record<string, string> {
  const settings = {
    default_transaction_read_only: 'off',
    synchronous_commit: 'off',
    backend_flush_after: '256kB',
  }
  const options = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`)
  return { ...env, PGOPTIONS: [env.PGOPTIONS ?? '', ...options].join(' ').trim() }
}
