import { setTimeout as sleep } from 'node:timers/promises'
import { messageOf } from '../../errors/operator-error.ts'
import type { LockWatch } from '../../ports/trial-databases.ts'
import type { Connection } from '../postgres/connection.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import { type DatabaseSession, openSession, type Sql } from '../postgres/session.ts'
import { attributeLocks, type Seen } from './attribute-locks.ts'

const EVERY_MS = 4
const OWN = 'lastgood_rehearsal'

/**
 * Two ways to see what a migration locks. Looking at pg_locks now and then sees what is held for a while, in any role. Where
 * we may (a superuser), the server also tells at the end of each statement that changes the schema, in the very transaction:
 * nothing is too short for that. A trigger on the tool's own record tells where a migration ends. All of it is taken away
 * again before anything is compared.
 */
export async function watchLocks(connection: Connection, bookkeeping: string | null): Promise<LockWatch> {
  const session = await openSession(connection, 'rehearsal locks')
  try {
    const tables = await tablesNow(session, bookkeeping)
    await install(session, bookkeeping)
    const sampler = sample(session, tables)
    return {
      async end(done) {
        const samples = await sampler.stop()
        try {
          const told = await readTold(session, tables)
          await uninstall(session)
          return attributeLocks(done, [...samples, ...told])
        } finally {
          await session.close()
        }
      },
    }
  } catch (error) {
    await session.close()
    throw error
  }
}

/** oid -> name, of what was there before: a table that a migration makes is in nobody's way. */
async function tablesNow(sql: Sql, bookkeeping: string | null): Promise<Map<number, string>> {
  const rows = await sql.query<{ oid: number; name: string }>(
    `SELECT c.oid::int8::int AS oid, n.nspname || '.' || c.relname AS name
       FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p', 'm') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'`,
  )
  const own = bookkeeping === null ? [] : [bookkeeping, `public.${bookkeeping}`]
  return new Map(
    rows
      .filter(({ name }) => !own.some((mine) => name === mine || name === `${mine}_lock`))
      .map(({ oid, name }) => [oid, name]),
  )
}

const ROLE_FUNCTION = (name: string, returns: string, body: string) => `
  CREATE FUNCTION ${OWN}.${name}() RETURNS ${returns} LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
  AS $lastgood$ BEGIN ${body} END $lastgood$`

const TELL = `INSERT INTO ${OWN}.seen (kind, pid, transaction, statement, at, locks)
  SELECT 'ddl', pg_backend_pid(), transaction_timestamp(), statement_timestamp(), clock_timestamp(),
         COALESCE(jsonb_agg(jsonb_build_object('oid', relation::int8, 'mode', mode)), '[]')
    FROM pg_locks WHERE locktype = 'relation' AND pid = pg_backend_pid() AND granted AND relation >= 16384;`

const MARK = `INSERT INTO ${OWN}.seen (kind, pid, transaction, statement, at, "row")
  VALUES ('mark', pg_backend_pid(), transaction_timestamp(), statement_timestamp(), clock_timestamp(), to_jsonb(NEW)::text);
  RETURN NEW;`

async function install(session: DatabaseSession, bookkeeping: string | null): Promise<void> {
  await session.query(`
    CREATE SCHEMA ${OWN};
    CREATE TABLE ${OWN}.seen (id bigserial, kind text, pid int, transaction timestamptz, statement timestamptz,
      at timestamptz, locks jsonb, "row" text);
    ${ROLE_FUNCTION('tell', 'event_trigger', TELL)};
    ${ROLE_FUNCTION('mark', 'trigger', MARK)};
    GRANT USAGE ON SCHEMA ${OWN} TO PUBLIC`)
  // Each only where it may be: what is missing makes the record coarser, and no more.
  await optional(session, `CREATE EVENT TRIGGER ${OWN} ON ddl_command_end EXECUTE FUNCTION ${OWN}.tell()`)
  if (bookkeeping === null) return
  const table = bookkeeping.split('.').map(quoteIdentifier).join('.')
  await optional(
    session,
    `CREATE TRIGGER ${OWN} AFTER INSERT OR UPDATE ON ${table} FOR EACH ROW EXECUTE FUNCTION ${OWN}.mark()`,
  )
}

async function uninstall(session: DatabaseSession): Promise<void> {
  await optional(session, `DROP EVENT TRIGGER IF EXISTS ${OWN}`)
  await session.query(`SET client_min_messages = warning; DROP SCHEMA ${OWN} CASCADE`)
}

async function optional(session: DatabaseSession, statement: string): Promise<string | null> {
  return session.query(statement).then(
    () => null,
    (error: unknown) => messageOf(error),
  )
}

function sample(session: DatabaseSession, tables: ReadonlyMap<number, string>) {
  const seen: Seen[] = []
  let going = true
  const loop = async () => {
    while (going) {
      seen.push(...(await look(session, tables)))
      await sleep(EVERY_MS)
    }
  }
  // Its failure is met by whoever stops it: until then nobody waits for it.
  const ended = loop().then(
    () => null,
    (error: unknown) => ({ error }),
  )
  return {
    async stop(): Promise<Seen[]> {
      going = false
      const failed = await ended
      if (failed !== null) throw failed.error
      return seen
    },
  }
}

interface Row {
  kind: 'ddl' | 'mark'
  pid: number
  transaction: number
  statement: number
  at: number
  locks: { oid: number; mode: string }[] | null
  row: string | null
}

const MS = (expression: string) => `(extract(epoch FROM ${expression}) * 1000)::float8`

async function look(session: DatabaseSession, tables: ReadonlyMap<number, string>): Promise<Seen[]> {
  const rows = await session.query<Omit<Row, 'kind' | 'row'>>(`
    SELECT l.pid, ${MS('min(a.xact_start)')} AS transaction, ${MS('min(a.query_start)')} AS statement,
           ${MS('clock_timestamp()')} AS at, jsonb_agg(jsonb_build_object('oid', l.relation::int8, 'mode', l.mode)) AS locks
      FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.locktype = 'relation' AND l.granted AND l.relation >= 16384 AND l.pid <> pg_backend_pid()
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND a.backend_type = 'client backend' AND a.xact_start IS NOT NULL
     GROUP BY l.pid`)
  return rows.map(({ locks, ...row }) => ({ kind: 'sample', ...row, locks: named(locks, tables) }))
}

async function readTold(session: DatabaseSession, tables: ReadonlyMap<number, string>): Promise<Seen[]> {
  const rows = await session.query<Row>(`
    SELECT kind, pid, ${MS('transaction')} AS transaction, ${MS('statement')} AS statement, ${MS('at')} AS at, locks, "row"
      FROM ${OWN}.seen ORDER BY id`)
  return rows.map(
    ({ kind, row, locks, ...each }): Seen =>
      kind === 'mark' ? { kind, row: row ?? '', ...each } : { kind, locks: named(locks, tables), ...each },
  )
}

function named(locks: Row['locks'], tables: ReadonlyMap<number, string>) {
  return (locks ?? []).flatMap(({ oid, mode }) => {
    const table = tables.get(oid)
    return table === undefined ? [] : [{ table, mode }]
  })
}
