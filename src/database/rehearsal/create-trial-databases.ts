import type { Checkpoint } from '../../domain/checkpoint.ts'
import type { TrialContent } from '../../domain/judge-down.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { TrialCopy, TrialDatabases } from '../../ports/trial-databases.ts'
import { onDatabase, parseConnection } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { dropDatabase } from '../postgres/create-database.ts'
import { withMaintenance, withPatience } from '../postgres/maintenance.ts'
import { dropStrayScratch, markScratch, scratchName } from '../postgres/scratch-database.ts'
import { type DatabaseSession, inTransaction, type Sql } from '../postgres/session.ts'
import { readColumns } from './column-content.ts'
import { carrySettings } from './copy-settings.ts'
import { findRecord } from './find-record.ts'
import type { RehearsalParts, TrialParts } from './parts.ts'
import { type RestoredCopy, restoreCopy } from './restore-copy.ts'
import { COPY } from './scratch-copy.ts'
import { turnEnvironment, turnUrl } from './turned-environment.ts'
import { watchLocks } from './watch-locks.ts'
import { watchSessions } from './watch-sessions.ts'

const ONE_SNAPSHOT = 'ISOLATION LEVEL REPEATABLE READ READ ONLY'

/** @throws OperatorError DB_URL_INVALID */
export function createTrialDatabases(given: TrialParts): TrialDatabases {
  const live = parseConnection(given.url)
  const connection = onDatabase(parseConnection(given.adminUrl ?? given.url), live.database)
  const parts: RehearsalParts = { ...given, live, connection }
  return {
    withCopy: (checkpoint, { signal }, work) => withCopy(parts, checkpoint, signal, work),
    dropStrays: () =>
      withMaintenance(connection, 'drop strays', async (session) => {
        await refuseSecond(session, live.database)
        return dropStrayScratch(session, COPY, parts.service)
      }),
  }
}

async function withCopy<T>(
  parts: RehearsalParts,
  checkpoint: Checkpoint,
  signal: AbortSignal,
  work: (copy: TrialCopy) => Promise<T>,
): Promise<T> {
  const { connection, service, crash } = parts
  const name = scratchName(COPY, checkpoint.id)
  // This session carries the copy's name: as long as it is there, nobody takes the copy for a stray one.
  return withMaintenance(connection, name, async (keeper) => {
    await refuseSecond(keeper, parts.live.database)
    await dropStrayScratch(keeper, COPY, service)
    const onCreated = async () => {
      crash('rehearse/created')
      await markScratch(keeper, COPY, name, service)
      await carrySettings(keeper, name, checkpoint.properties)
    }
    try {
      const restored = await restoreCopy(parts, keeper, checkpoint, name, { signal, onCreated })
      crash('rehearse/restored')
      return await work(openCopy(parts, keeper, name, restored))
    } finally {
      await drop(parts, keeper, name)
    }
  })
}

/** 'last', 'rehe'. The lock is the session's, so it ends with us however we end. */
const LOCK = [0x6c617374, 0x72656865]

/** Two would stop each other's instances. */
async function refuseSecond(keeper: Sql, database: string): Promise<void> {
  const [taken] = await keeper.query<{ ok: boolean }>('SELECT pg_try_advisory_lock($1, $2) AS ok', LOCK)
  if (taken?.ok) return
  const [holder] = await keeper.query<{ pid: number }>(
    `SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = $2 AND granted`,
    LOCK,
  )
  throw new OperatorError('REHEARSAL_RUNNING', { database, pid: holder?.pid ?? 'unknown' })
}

/** The keeper's connection may have broken meanwhile, and be the reason why we are here. */
async function drop({ connection }: RehearsalParts, keeper: Sql, name: string): Promise<void> {
  try {
    await dropDatabase(keeper, name)
  } catch {
    await withMaintenance(connection, 'drop copy', (session) => dropDatabase(session, name))
  }
}

function openCopy(
  parts: RehearsalParts,
  keeper: DatabaseSession,
  name: string,
  { kind, why, restoreMs }: RestoredCopy,
): TrialCopy {
  const { live, connection, pooled, url } = parts
  const admin = onDatabase(connection, name)
  const place = pooled ? connection : live
  const own = { ...live, host: place.host, port: place.port, database: name }
  const read = <T>(look: (sql: Sql) => Promise<T>) =>
    withPatience(admin, 'rehearse', (session) => inTransaction(session, () => look(session), ONE_SNAPSHOT))
  return {
    name,
    url: turnUrl(url, live, own),
    kind,
    why,
    restoreMs,
    environment: (env) => turnEnvironment(env, live, own),
    content: (columns) =>
      read(
        async (sql): Promise<TrialContent> => ({
          content: await describeContent(sql),
          columns: await readColumns(sql, columns),
        }),
      ),
    columns: (tables) => read((sql) => readColumns(sql, tables)),
    findRecord: (names) => read((sql) => findRecord(sql, names)),
    watchLocks: (bookkeeping) => watchLocks(admin, bookkeeping),
    watchSessions: () => watchSessions(keeper, name, live.database),
  }
}
