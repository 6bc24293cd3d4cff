import { OperatorError } from '../../errors/operator-error.ts'
import { parseConnection } from './connection.ts'
import { quoteIdentifier } from './identifier.ts'
import { type DatabaseSession, openSession } from './session.ts'

interface Pool {
  name: string
  database: string
  paused: number | string
}

/**
 * Which pools of a PgBouncer lead to the database, and which of them are paused. While one is paused its clients wait
 * instead of failing, so it must never stay that way. One database of the server may have several names there.
 */
export async function findPools(
  url: string,
  database: string,
): Promise<{ names: string[]; paused: string[] }> {
  const console = await openConsole(url)
  try {
    return await readPools(console, database)
  } finally {
    await console.close()
  }
}

/** Runs the work while the clients of one database wait. */
export type Pausing = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Hands over a way to pause, do the work and resume: also when the work fails, and when pausing itself fails or takes too
 * long (a client that stays in its transaction). Everything that takes time is done before. Without a console (null) it is
 * only the work.
 * @throws OperatorError PGBOUNCER_UNREACHABLE, PGBOUNCER_NOT_PAUSED
 */
export async function withPausing<T>(
  url: string | null,
  database: string,
  patienceMs: number,
  use: (pausing: Pausing) => Promise<T>,
): Promise<T> {
  if (url === null) return use((work) => work())
  const console = await openConsole(url)
  try {
    const { names } = await readPools(console, database)
    if (names.length === 0) {
      const detail = `it knows no database that leads to ${database}`
      throw new OperatorError('PGBOUNCER_NOT_PAUSED', { database, detail })
    }
    return await use(async (work) => {
      let allPaused = false
      try {
        for (const name of names) await pause(console, name, database, patienceMs)
        allPaused = true
        return await work()
      } finally {
        // The quick way first: everybody is waiting.
        if (allPaused) await resumeAll(console, names)
        await resumePools(url, database)
      }
    })
  } finally {
    await console.close()
  }
}

/**
 * With a connection of its own, because one that waits in PAUSE takes no other command.
 * @returns what was paused
 * @throws OperatorError PGBOUNCER_UNREACHABLE, PGBOUNCER_STILL_PAUSED
 */
export async function resumePools(url: string, database: string): Promise<string[]> {
  const console = await openConsole(url)
  try {
    const { names, paused } = await readPools(console, database)
    // One that is still on its way to a pause does not show as paused, so it is tried on all of them.
    await resumeAll(console, names)
    const left = await readPools(console, database)
    if (left.paused.length > 0)
      throw new OperatorError('PGBOUNCER_STILL_PAUSED', { pool: left.paused[0] ?? '' })
    return paused
  } finally {
    await console.close()
  }
}

/** RESUME of one that runs is refused: what counts is looked at afterwards. */
async function resumeAll(console: DatabaseSession, names: readonly string[]): Promise<void> {
  for (const name of names) await console.query(`RESUME ${quoteIdentifier(name)}`).catch(() => {})
}

async function pause(
  console: DatabaseSession,
  name: string,
  database: string,
  patienceMs: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const detail = `a client stayed in its transaction for more than ${patienceMs} ms (or pool_mode is session)`
    timer = setTimeout(
      () => reject(new OperatorError('PGBOUNCER_NOT_PAUSED', { database, detail })),
      patienceMs,
    )
  })
  const paused = console.query(`PAUSE ${quoteIdentifier(name)}`)
  // When we have given up on it, it fails with its connection.
  paused.catch(() => {})
  try {
    await Promise.race([paused, late])
  } finally {
    clearTimeout(timer)
  }
}

async function readPools(console: DatabaseSession, database: string) {
  const pools = await console.query<Pool>('SHOW DATABASES')
  const ours = pools.filter((pool) => pool.database === database)
  return {
    names: ours.map(({ name }) => name),
    paused: ours.filter(({ paused }) => Number(paused) === 1).map(({ name }) => name),
  }
}

async function openConsole(url: string): Promise<DatabaseSession> {
  try {
    return await openSession(parseConnection(url), 'pause')
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new OperatorError('PGBOUNCER_UNREACHABLE', { detail }, { cause: error })
  }
}
