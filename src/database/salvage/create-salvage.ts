import type { DatabaseConfiguration } from '../../domain/configuration.ts'
import { readMark } from '../../domain/database-mark.ts'
import type { KeptDatabase, Reinsertion } from '../../domain/salvage.ts'
import type { Clock } from '../../ports/clock.ts'
import type { ReinsertRequest, Salvage, Sides } from '../../ports/salvage.ts'
import { type Connection, onDatabase, parseConnection } from '../postgres/connection.ts'
import { type DatabaseSession, withSession } from '../postgres/session.ts'
import { noPredicate, type Predicate, withPredicate } from './apply-predicate.ts'
import { chooseTables } from './choose-tables.ts'
import { compareDatabases } from './compare-databases.ts'
import { countLosses } from './count-losses.ts'
import { countSince, writtenFrom } from './count-since.ts'
import { exportTables } from './export-tables.ts'
import { type PairedTables, pairTables } from './pair-tables.ts'
import { reinsertRows } from './reinsert.ts'
import { SAME_TEXT_EVERYWHERE } from './row-sql.ts'
import { type OpenSides, withSides, withSnapshot } from './sides.ts'
import { readTables } from './table-shape.ts'

export interface SalvageParts {
  database: Pick<DatabaseConfiguration, 'url' | 'adminUrl'>
  clock: Clock
  /** `salvage/staged`, `salvage/inserted`, `salvage/committed`, `salvage/table-exported` */
  crash(point: string): void
}

/** How long a row or table that somebody else holds is waited for. */
const LOCK_TIMEOUT_MS = 10_000

export function createSalvage({ database, clock, crash }: SalvageParts): Salvage {
  const service = parseConnection(database.url)
  const admin = database.adminUrl === null ? null : parseConnection(database.adminUrl)

  async function write(sides: Sides, request: ReinsertRequest, forReal: boolean): Promise<Reinsertion> {
    const started = clock.now()
    const connection = await chooseRole(service, admin)
    const target = onDatabase(connection, sides.restored ?? service.database)
    return withSession(
      target,
      'salvage',
      async (writer) => {
        const done = await inWriter(writer, forReal, () =>
          withSides(connection, { ...sides, restored: target.database }, async (open) => {
            const paired = pairTables(await readTables(open.damaged), await readTables(open.restored))
            const pairs = await choose(open, paired, request)
            return withCondition(connection, open, pairs, request.without, (predicate) =>
              reinsertRows({ sides: open, writer, pairs, predicate, forReal, crash }),
            )
          }),
        )
        if (forReal) crash('salvage/committed')
        return { ...done, ms: clock.now() - started }
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    )
  }

  return {
    async countSince(checkpoint, { restored } = {}) {
      const connection = onDatabase(await chooseRole(service, admin), service.database)
      if (restored === undefined)
        return withSnapshot(connection, (sql) => countSince(sql, service.database, checkpoint))
      const sides = { damaged: service.database, restored }
      return writtenFrom(await withSides(connection, sides, (open) => compareDatabases(open)), checkpoint)
    },
    async countLosses(losses) {
      const connection = onDatabase(await chooseRole(service, admin), service.database)
      return withSnapshot(connection, (sql) => countLosses(sql, losses))
    },
    keptDatabases: () => withSession(service, 'salvage', (sql) => keptDatabases(sql, service.database)),
    compare: async (sides) =>
      withSides(await chooseRole(service, admin), named(sides, service), (open) => compareDatabases(open)),
    export: async (sides, folder) =>
      withSides(await chooseRole(service, admin), named(sides, service), (open) =>
        exportTables(open, folder, { at: new Date(clock.now()).toISOString(), crash }),
      ),
    rehearse: (sides, request) => write(sides, request, false),
    reinsert: (sides, request) => write(sides, request, true),
  }
}

function named(sides: Sides, service: Connection): Sides {
  return { damaged: sides.damaged, restored: sides.restored ?? service.database }
}

/** A superuser may turn triggers off and reads everything; an admin role that is none may not even read the tables. */
async function chooseRole(service: Connection, admin: Connection | null): Promise<Connection> {
  if (admin === null) return service
  const [role] = await withSession(admin, 'salvage', (sql) =>
    sql.query<{ super: boolean }>('select rolsuper as super from pg_roles where rolname = current_user'),
  )
  return role?.super === true ? admin : service
}

/** The writer's transaction, from the lock to the end. One salvage at a time: a killed one's may still be ending. */
async function inWriter<T>(writer: DatabaseSession, forReal: boolean, work: () => Promise<T>): Promise<T> {
  await writer.query(SAME_TEXT_EVERYWHERE)
  await writer.query('begin isolation level read committed read write')
  try {
    await writer.query(`select pg_advisory_xact_lock(hashtextextended('lastgood salvage', 0))`)
    const result = await work()
    await writer.query(forReal ? 'commit' : 'rollback')
    return result
  } catch (error) {
    // A connection that broke has rolled back already.
    await writer.query('rollback').catch(() => {})
    throw error
  }
}

async function choose(open: OpenSides, { pairs }: PairedTables, { tables }: ReinsertRequest) {
  return chooseTables(tables, pairs, open.names)
}

function withCondition<T>(
  connection: Connection,
  { names }: OpenSides,
  pairs: Parameters<typeof withPredicate>[2],
  without: string | null,
  work: (predicate: Predicate) => Promise<T>,
): Promise<T> {
  if (without === null) return work(noPredicate)
  return withPredicate(onDatabase(connection, names.damaged), without, pairs, work)
}

async function keptDatabases(sql: DatabaseSession, database: string): Promise<KeptDatabase[]> {
  const rows = await sql.query<{ name: string; comment: string | null }>(
    `select datname::text as name, shobj_description(oid, 'pg_database') as comment from pg_database`,
  )
  const kept = rows.flatMap(({ name, comment }) => {
    const mark = readMark(comment)
    const served = mark?.role === 'damaged' || (mark?.role === 'next' && mark.state === 'undone')
    return served && mark.of === database ? [{ database: name, at: mark.at, comment }] : []
  })
  return kept.sort((a, b) => (a.at < b.at ? 1 : -1))
}
