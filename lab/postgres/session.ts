import pg from 'pg'
import { runOrFail } from '../run.ts'
import type { PostgresPrograms } from './find-postgres.ts'

type Access = { host: string; port: number; user: string; password: string; programs: PostgresPrograms }

export type PostgresSession = {
  /** `postgres://user:password@host:port/database` */
  url(database: string): string
  /** Returns the url of the new database. `template`: what it is a copy of; nobody may be connected to that one. */
  createDatabase(name: string, template?: string): Promise<string>
  /** Also while others are connected: they are thrown out. */
  dropDatabase(name: string): Promise<void>
  query<Row extends pg.QueryResultRow>(database: string, sql: string, values?: unknown[]): Promise<Row[]>
  /** Runs SQL with the real `psql`; returns its unaligned output, a row a line. */
  psql(database: string, sql: string): Promise<string>
}

export function openSession({ host, port, user, password, programs }: Access): PostgresSession {
  const url = (database: string) =>
    `postgres://${user}:${password}@${host}:${port}/${encodeURIComponent(database)}`

  const query: PostgresSession['query'] = async (database, sql, values = []) => {
    const client = new pg.Client({ connectionString: url(database) })
    await client.connect()
    try {
      return (await client.query(sql, values)).rows
    } finally {
      await client.end()
    }
  }

  return {
    url,
    query,
    async createDatabase(name, template = 'template1') {
      const [made, source] = [name, template].map(pg.escapeIdentifier)
      await query('postgres', `CREATE DATABASE ${made} TEMPLATE ${source}`)
      return url(name)
    },
    async dropDatabase(name) {
      await query('postgres', `DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
    },
    psql(database, sql) {
      const env = {
        PGHOST: host,
        PGPORT: String(port),
        PGUSER: user,
        PGPASSWORD: password,
        PGDATABASE: database,
      }
      const options = ['--no-psqlrc', '--no-align', '--tuples-only', '--set=ON_ERROR_STOP=1']
      return runOrFail(programs.path('psql'), [...options, `--command=${sql}`], { env })
    },
  }
}
