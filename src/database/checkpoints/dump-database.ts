import { join } from 'node:path'
import type { DatabaseContent } from '../../domain/checkpoint.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { DUMP_FOLDER } from '../postgres/check-dump.ts'
import type { Connection } from '../postgres/connection.ts'
import { describeContent, readSequences, withFixedSettings } from '../postgres/content.ts'
import { withPassFile } from '../postgres/pass-file.ts'
import { describeFailure, serverFailure } from '../postgres/program-failure.ts'
import { type DatabaseSession, inTransaction } from '../postgres/session.ts'
import type { CheckpointParts } from './parts.ts'

export interface Dump {
  content: DatabaseContent
  snapshotXmin: string
}

const TIMEOUT_MS = 24 * 3_600_000

/**
 * Dump and description side by side, both of one snapshot, so that they agree to the row whatever is written meanwhile.
 * A session that holds a lock on a table for half a minute ends it: a dump must not be what everybody queues behind.
 */
export async function dumpDatabase(
  parts: CheckpointParts,
  session: DatabaseSession,
  request: { program: string; into: string; application: string; signal: AbortSignal },
): Promise<Dump> {
  const work = async (): Promise<Dump> => {
    const [shared] = await session.query<{ snapshot: string; xmin: string }>(
      'SELECT pg_export_snapshot() AS snapshot, pg_snapshot_xmin(pg_current_snapshot())::text AS xmin',
    )
    if (shared === undefined) throw new Error('the server exported no snapshot')
    // Before pg_dump begins: a snapshot does not hold sequences back, so that those of the dump are further on or the same.
    const sequences = await withFixedSettings(session, () => readSequences(session))
    const ending = new AbortController()
    const signal = AbortSignal.any([request.signal, ending.signal])
    const dumping = runDump(parts, session.connection, { ...request, signal, snapshot: shared.snapshot })
    try {
      // Whichever fails first ends both.
      const [content] = await Promise.all([describeContent(session), dumping])
      return { content: { ...content, sequences }, snapshotXmin: shared.xmin }
    } catch (error) {
      ending.abort()
      await dumping.catch(() => {})
      throw error
    }
  }
  return inTransaction(session, work, 'ISOLATION LEVEL REPEATABLE READ READ ONLY')
}

async function runDump(
  { jobs, runner }: CheckpointParts,
  connection: Connection,
  request: { program: string; into: string; application: string; snapshot: string; signal: AbortSignal },
): Promise<void> {
  const { program, into, application, snapshot, signal } = request
  const args = [
    '--format=directory',
    `--jobs=${jobs}`,
    // The fastest that is worth it, in both directions.
    '--compress=1',
    `--snapshot=${snapshot}`,
    `--file=${join(into, DUMP_FOLDER)}`,
    '--no-password',
    '--lock-wait-timeout=30s',
    // A copy that subscribes to what the original subscribes to would take its changes away from it.
    '--no-subscriptions',
  ]
  const result = await withPassFile(connection, into, (env) =>
    runner.run({
      program,
      args,
      env: { ...env, PGAPPNAME: application },
      timeoutMs: TIMEOUT_MS,
      signal,
    }),
  )
  if (result.outcome === 'aborted') throw new OperatorError('INTERRUPTED', { step: 'checkpoint' })
  if (result.outcome === 'exited' && result.exitCode === 0) return
  const { params, details } = describeFailure(result)
  const { user, host, port, database } = connection
  const server = `${host}:${port}/${database}`
  const denied = serverFailure(params.detail) === 'DB_NOT_ALLOWED'
  throw new OperatorError(
    denied ? 'DB_NOT_ALLOWED' : 'CHECKPOINT_FAILED',
    { ...params, user, server },
    { details },
  )
}
