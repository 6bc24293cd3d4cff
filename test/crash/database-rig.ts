import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { expect } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import type { Ran } from '../support/tiny-service.ts'
import { type CrashRig, openCrashRig } from './crash-rig.ts'

const exec = promisify(execFile)

/** What a release brings: `renamed` is used by its code alone, `added` by nobody. */
export type Schema = 'first' | 'renamed' | 'added'

export const APPLIED: Record<Schema, string[]> = {
  first: ['001_first'],
  renamed: ['001_first', '002_renamed'],
  added: ['001_first', '002_added'],
}

/** A tiny service with a database, plain SQL migrations and smoke checks that write. */
export interface DatabaseRig extends CrashRig {
  /** Commits a version that uses this schema. */
  commitWith(version: string, schema: Schema): Promise<void>
  /** From now on this version's smoke check fails, but not in a rehearsal; null: nobody's does. */
  makeSick(version: string | null): Promise<void>
  /** Killed there, and as if the time of its lease had passed. What served answers meanwhile. */
  killedAt(point: string, ...args: string[]): Promise<void>
  /** Commits a row as the service does. @returns false where the database is read-only */
  write(row: string): Promise<boolean>
  /** The names of the databases that have the row. */
  placesOf(row: string): Promise<string[]>
  /** Everything but `tiny`. */
  otherDatabases(): Promise<string[]>
  /** The release serves, alone; its database is open, can be written and has its schema; no copy is left. */
  expectSound(release: string, schema: Schema): Promise<void>
  stopServer(): Promise<void>
}

export async function openDatabaseRig(name: string): Promise<DatabaseRig> {
  const rig = await openCrashRig(name, { instances: 1, window: '100ms' })
  const postgres = await rig.lab.postgres()
  const adminUrl = await postgres.createDatabase('tiny')
  await postgres.query('postgres', `CREATE ROLE shop LOGIN PASSWORD 'secret'`)
  await postgres.query('postgres', 'ALTER DATABASE tiny OWNER TO shop')
  const { host, port } = postgres
  const url = `postgres://shop:secret@${host}:${port}/tiny`
  const sick = join(rig.lab.dir, 'sick')
  const driver = createRequire(import.meta.url).resolve('pg')
  await rig.configure({
    env: { DATABASE_URL: url, DRIVER: driver, SICK: sick },
    extra: `database: ${JSON.stringify({ url, adminUrl, migrations: { tool: 'sql' } })}`,
  })
  await writeFile(sick, '')

  const databases = async () => {
    const rows = await postgres.query<{ name: string }>(
      'postgres',
      `SELECT datname AS name FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
    )
    return rows.map((row) => row.name)
  }
  const otherDatabases = async () => (await databases()).filter((database) => database !== 'tiny')
  const isRefused = (error: unknown) => error instanceof pg.DatabaseError && error.code === '55000'

  const write: DatabaseRig['write'] = async (row) => {
    const client = new pg.Client({ connectionString: url })
    try {
      await client.connect()
      await client.query('INSERT INTO items (row) VALUES ($1)', [row])
      return true
    } catch (error) {
      // Read-only, or in the middle of a swap.
      if (error instanceof pg.DatabaseError && ['25006', '55000', '57P01'].includes(error.code ?? ''))
        return false
      throw error
    } finally {
      await client.end().catch(() => {})
    }
  }

  return {
    ...rig,
    otherDatabases,
    write,
    stopServer: () => postgres.stop(),
    makeSick: (version) => writeFile(sick, version ?? ''),
    async commitWith(version, schema) {
      // It brings its own migrations, and not those of the commit before.
      await exec('git', ['rm', '-rfq', '--ignore-unmatch', 'migrations'], { cwd: rig.repo })
      await mkdir(join(rig.repo, 'migrations'), { recursive: true })
      await rig.commit(version, null, { 'index.mjs': appOf(version, schema), ...FILES[schema] })
    },
    async killedAt(point, ...args) {
      const killed: Ran = await rig.lastgood([...args, '--yes'], { at: point })
      expect(killed.exit, `${killed.stdout}\n${killed.stderr}`).toBe(137)
      rig.expireLease()
      await waitUntil(async () => (await rig.answer())?.version, { what: 'what served to answer' })
    },
    async placesOf(row) {
      const found: string[] = []
      for (const database of await databases()) {
        const rows = await postgres
          .query(database, 'SELECT 1 FROM items WHERE row = $1', [row])
          .catch((error) => {
            if (isRefused(error)) return []
            throw error
          })
        if (rows.length > 0) found.push(database)
      }
      return found
    },
    async expectSound(release, schema) {
      await rig.expectOnly(release)
      const [open] = await postgres.query(
        'postgres',
        `SELECT datallowconn AS allowed, shobj_description(d.oid, 'pg_database') AS mark,
                (SELECT count(*)::int FROM pg_db_role_setting WHERE setdatabase = d.oid) AS settings
           FROM pg_database d WHERE datname = 'tiny'`,
      )
      expect(open).toEqual({ allowed: true, mark: null, settings: 0 })
      const row = `sound ${Math.random()}`
      expect(await write(row)).toBe(true)
      expect(await rig.answer()).toMatchObject({ last: row })
      const applied = await postgres.query<{ name: string }>(
        'tiny',
        'SELECT name FROM lastgood_migrations ORDER BY id',
      )
      expect(applied.map((each) => each.name)).toEqual(APPLIED[schema])
      // Whatever has served is kept, with what was written into it.
      const strays = await postgres.query(
        'postgres',
        `SELECT datname, shobj_description(oid, 'pg_database') AS mark FROM pg_database
          WHERE NOT datistemplate AND datname NOT IN ('postgres', 'tiny') AND datname NOT LIKE 'tiny_bad_%'
            AND COALESCE(shobj_description(oid, 'pg_database'), '') NOT LIKE '%"state":"undone"%'`,
      )
      expect(strays).toEqual([])
    },
  }
}

const FIRST = { 'migrations/001_first.sql': 'CREATE TABLE items (id serial PRIMARY KEY, row text, c0 text)' }
const FILES: Record<Schema, Record<string, string>> = {
  first: FIRST,
  renamed: {
    ...FIRST,
    'migrations/002_renamed.sql': 'ALTER TABLE items RENAME COLUMN c0 TO c1',
    'migrations/002_renamed.down.sql': 'ALTER TABLE items RENAME COLUMN c1 TO c0',
  },
  added: {
    ...FIRST,
    'migrations/002_added.sql': 'ALTER TABLE items ADD COLUMN c2 text',
    'migrations/002_added.down.sql': 'ALTER TABLE items DROP COLUMN c2',
  },
}

/** A server that is gone is no fault of the code's: it answers all the same. One that does not know the column is. */
function appOf(version: string, schema: Schema): string {
  const column = schema === 'renamed' ? 'c1' : 'c0'
  return `import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
const { default: pg } = await import(process.env.DRIVER)
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })
pool.on('error', () => {})
const version = ${JSON.stringify(version)}
async function last() {
  try {
    return (await pool.query('SELECT row, ${column} FROM items ORDER BY id DESC LIMIT 1')).rows[0]?.row ?? null
  } catch (error) {
    if (error.code === '42703') throw error
    return 'nobody knows'
  }
}
const server = createServer(async (request, response) => {
  const answer = { version, release: process.env.LASTGOOD_RELEASE ?? null }
  try {
    if (request.url === '/') {
      const sick = !process.env.LASTGOOD_REHEARSAL && readFileSync(process.env.SICK, 'utf8') === version
      if (sick) throw new Error('sick')
      answer.last = await last()
    }
  } catch (error) {
    response.statusCode = 500
    answer.error = String(error)
  }
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(answer))
})
server.listen(Number(process.env.PORT), '127.0.0.1')
process.on('SIGINT', () => server.close(() => process.exit(0)))
`
}
