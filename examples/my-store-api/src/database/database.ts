import pg from 'pg'
import { retryPassingFailures } from './retry.ts'

export type Row = pg.QueryResultRow
export type Query = <T extends Row>(text: string, values?: unknown[]) => Promise<T[]>

export type Database = {
  /** One statement, which must be safe to run twice. */
  query: Query
  /** `work` runs again from the start when the connection is lost, so its writes must know their own key. */
  transaction: <T>(work: (query: Query) => Promise<T>) => Promise<T>
  close: () => Promise<void>
}

export function openDatabase(connectionString: string): Database {
  const pool = new pg.Pool({ connectionString, max: 10, application_name: 'my-store-api' })
  // An idle connection that the server closes must not take the process down; the pool opens another.
  pool.on('error', (error) => console.error(`database: an idle connection was lost: ${error.message}`))

  return {
    query: (text, values) => retryPassingFailures(async () => (await pool.query(text, values)).rows),
    transaction: (work) => retryPassingFailures(() => runTransaction(pool, work)),
    close: () => pool.end(),
  }
}

async function runTransaction<T>(pool: pg.Pool, work: (query: Query) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  let lost: Error | undefined
  try {
    await client.query('begin')
    const result = await work(async (text, values) => (await client.query(text, values)).rows)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      lost = failure
    })
    throw error
  } finally {
    client.release(lost)
  }
}
