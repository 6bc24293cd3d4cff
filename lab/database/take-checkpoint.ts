import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ExecaRunner } from '../../src/command-runner/execa-runner.ts'
import { describeDump } from '../../src/database/postgres/check-dump.ts'
import { onDatabase, parseConnection } from '../../src/database/postgres/connection.ts'
import { describeContent } from '../../src/database/postgres/content.ts'
import { readDatabaseProperties } from '../../src/database/postgres/database-properties.ts'
import { restoreInto } from '../../src/database/postgres/restore-into.ts'
import { readServerFacts } from '../../src/database/postgres/server-facts.ts'
import { inTransaction, withSession } from '../../src/database/postgres/session.ts'
import type { RestorationParts } from '../../src/database/restore/restoration-parts.ts'
import type { Checkpoint } from '../../src/domain/checkpoint.ts'
import { runOrFail } from '../run.ts'
import type { Shop } from './open-shop.ts'

export type TakenCheckpoint = { checkpoint: Checkpoint; folder: string }

/** A dump and its record, of a database that nobody writes to meanwhile. */
export async function takeCheckpoint(shop: Shop, folder: string, id = 'c1'): Promise<TakenCheckpoint> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const connection = onDatabase(parseConnection(shop.adminUrl), shop.database)
  const record = await withSession(connection, 'checkpoint', (session) =>
    inTransaction(
      session,
      async () => ({
        content: await describeContent(session),
        properties: await readDatabaseProperties(session),
        serverVersion: (await readServerFacts(session)).version,
      }),
      'isolation level repeatable read read only',
    ),
  )
  const { host, port, user, password } = connection
  const args = ['-Fd', '-j2', '-Z1', '-f', join(folder, 'dump'), '-h', host, '-p', String(port), '-U', user]
  const database = `dbname='${shop.database.replace(/['\\]/g, '\\$&')}'`
  await runOrFail(join(shop.postgres.bin, 'pg_dump'), [...args, '-d', database], {
    env: { PGPASSWORD: password ?? '' },
    timeoutMs: 600_000,
  })
  const files = await describeDump(folder)
  const checkpoint: Checkpoint = {
    id,
    service: 'my-store-api',
    database: shop.database,
    createdAt: new Date().toISOString(),
    release: null,
    migrations: null,
    snapshotXmin: '0',
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    files,
    template: null,
    ms: 0,
    reason: 'a test',
    ...record,
  }
  return { checkpoint, folder }
}

/** The real restore, as it is wired. */
export function restoreFrom(adminUrl: string, folder: string): RestorationParts['restoreInto'] {
  const parts = { connection: parseConnection(adminUrl), folder, runner: new ExecaRunner(), env: process.env }
  return (checkpoint, database, options) => restoreInto(parts, checkpoint, database, { jobs: 2, ...options })
}
