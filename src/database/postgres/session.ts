import type { Client } from 'pg'
import { messageOf } from '../../errors/operator-error.ts'
import type { Connection } from './connection.ts'
import { type Tls, tlsMode, tlsOptions } from './tls.ts'
import { translateError } from './translate-error.ts'

/** Whoever can be asked in SQL. */
export interface Sql {
  /** Without values it is sent as one plain message: several statements may be in it, and PgBouncer's console takes it. */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<Row[]>
}

/** One connection. Errors are OperatorErrors (DB_...), with the driver's as their cause. */
export interface DatabaseSession extends Sql {
  readonly connection: Connection
  /** Of the server's process. */
  readonly pid: number
  /** One statement. Columns by their place, so that two of the same name are two. */
  table(text: string): Promise<Table>
  /** Never throws. */
  close(): Promise<void>
}

export interface Table {
  /** Of each column: its `pg_type.oid`. */
  types: number[]
  rows: unknown[][]
}

export interface SessionOptions {
  readOnly?: boolean
  statementTimeoutMs?: number
  lockTimeoutMs?: number
  connectTimeoutMs?: number
}

const CONNECT_TIMEOUT_MS = 10_000

/** @throws OperatorError DB_UNREACHABLE, DB_LOGIN_REFUSED, DB_NOT_THERE, ... */
export async function openSession(
  connection: Connection,
  purpose: string,
  options: SessionOptions = {},
): Promise<DatabaseSession> {
  const translated = (error: unknown) => translateError(error, connection)
  const client = await connect(connection, purpose, options).catch((error: unknown) => {
    throw translated(error)
  })
  const session: DatabaseSession = {
    connection,
    pid: Reflect.get(client, 'processID'),
    async query<Row extends object>(text: string, values?: readonly unknown[]): Promise<Row[]> {
      try {
        const result = await client.query<Row>(text, values === undefined ? undefined : [...values])
        // Of several statements: the last one's rows.
        return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []
      } catch (error) {
        throw translated(error)
      }
    },
    async table(text) {
      try {
        // Extended: the server itself takes no second statement. (The types do not know it, so it has a name of its own.)
        const single = { text, rowMode: 'array' as const, queryMode: 'extended' }
        const { fields, rows } = await client.query<unknown[]>(single)
        return { types: fields.map(({ dataTypeID }) => dataTypeID), rows }
      } catch (error) {
        throw translated(error)
      }
    },
    close: () => client.end().catch(() => {}),
  }
  const settings = settingsFor(options)
  try {
    if (settings !== '') await session.query(settings)
  } catch (error) {
    await session.close()
    throw error
  }
  return session
}

export async function withSession<T>(
  connection: Connection,
  purpose: string,
  work: (session: DatabaseSession) => Promise<T>,
  options: SessionOptions = {},
): Promise<T> {
  const session = await openSession(connection, purpose, options)
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

/** @param mode as it stands behind BEGIN: `isolation level repeatable read read only` */
export async function inTransaction<T>(session: Sql, work: () => Promise<T>, mode = ''): Promise<T> {
  await session.query(`BEGIN ${mode}`)
  let result: T
  try {
    result = await work()
  } catch (error) {
    // A connection that broke has rolled back already.
    await session.query('ROLLBACK').catch(() => {})
    throw error
  }
  await session.query('COMMIT')
  return result
}

async function connect(connection: Connection, purpose: string, options: SessionOptions): Promise<Client> {
  const tls = await tlsOptions(connection)
  try {
    return await connectOnce(connection, purpose, options, tls)
  } catch (error) {
    if (tlsMode(connection) !== 'prefer' || !/does not support SSL/.test(messageOf(error))) throw error
    return connectOnce(connection, purpose, options, false)
  }
}

async function connectOnce(
  { host, port, user, password, database, parameters }: Connection,
  purpose: string,
  options: SessionOptions,
  ssl: Tls,
): Promise<Client> {
  // 40 ms to import, and most commands never come here.
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    host,
    port,
    user,
    database,
    ssl,
    ...(password === null ? {} : { password }),
    ...(parameters.options === undefined ? {} : { options: parameters.options }),
    application_name: `lastgood ${purpose}`,
    connectionTimeoutMillis: options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
  })
  // A server that goes away while nothing is asked must not end the process; the next query says it.
  client.on('error', () => {})
  await client.connect()
  return client
}

/** Nothing when nothing is asked for: PgBouncer's console knows none of them. */
function settingsFor({ readOnly, statementTimeoutMs, lockTimeoutMs }: SessionOptions): string {
  const settings: string[] = []
  if (readOnly) settings.push('SET default_transaction_read_only = on')
  if (statementTimeoutMs !== undefined)
    settings.push(`SET statement_timeout = ${Math.round(statementTimeoutMs)}`)
  if (lockTimeoutMs !== undefined) settings.push(`SET lock_timeout = ${Math.round(lockTimeoutMs)}`)
  return settings.join('; ')
}
