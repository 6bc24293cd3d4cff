import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { asRole, withClient } from '../../../lab/database/open-shop.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { parseConnection } from '../postgres/connection.ts'
import { watchLocks } from './watch-locks.ts'

let lab: Lab
let postgres: Postgres
beforeAll(async () => {
  lab = await openLab({ name: 'watch-locks' })
  postgres = await lab.postgres()
  await postgres.query('postgres', `CREATE ROLE plain LOGIN PASSWORD 'not-a-secret'`)
})
afterAll(() => lab?.close())

async function openCopy(name: string): Promise<string> {
  const url = await postgres.createDatabase(name)
  await postgres.query('postgres', `ALTER DATABASE ${pg.escapeIdentifier(name)} OWNER TO plain`)
  const plain = asRole(url, { user: 'plain', password: 'not-a-secret' })
  await withClient(plain, (client) =>
    client.query(`CREATE SCHEMA tool; CREATE TABLE tool.done (id serial, name text);
      CREATE TABLE a (id int PRIMARY KEY, v int); CREATE TABLE b (id int); INSERT INTO a SELECT n, n FROM generate_series(1, 200000) n`),
  )
  return url
}

/** Two migrations, each in a transaction of its own together with its record; the second one rewrites a table. */
async function migrate(url: string, beforeCommit = async () => {}): Promise<void> {
  await withClient(url, async (client) => {
    await client.query(
      `BEGIN; ALTER TABLE b ADD COLUMN x int; CREATE TABLE c (id int); INSERT INTO tool.done (name) VALUES ('1_small'); COMMIT`,
    )
    await client.query(
      `BEGIN; ALTER TABLE a ALTER COLUMN v TYPE bigint; UPDATE b SET x = 1; INSERT INTO tool.done (name) VALUES ('2_rewrite')`,
    )
    await beforeCommit()
    await client.query('COMMIT')
  })
}

/** Until the one who watches has looked once more, however busy the machine is. */
async function untilLookedAt(database: string): Promise<void> {
  const looks = async () => {
    const [row] = await postgres.query<{ at: string }>(
      'postgres',
      `SELECT query_start::text AS at FROM pg_stat_activity
        WHERE datname = $1 AND application_name = 'lastgood rehearsal locks'`,
      [database],
    )
    return row?.at
  }
  const seen = new Set([await looks()])
  // The second that begins from now on is one whose predecessor has ended.
  await waitUntil(async () => seen.add(await looks()).size > 2, { what: 'another look', everyMs: 1 })
}
const DONE = ['1_small', '2_rewrite'].map((name) => ({ name, title: `${name}.sql`, ms: 10 }))

describe('watching what migrations lock', () => {
  it('tells each migration its own, however short, and leaves nothing in the database', async () => {
    const url = await openCopy('as superuser')
    const plain = asRole(url, { user: 'plain', password: 'not-a-secret' })
    const watch = await watchLocks(parseConnection(url), 'tool.done')
    await migrate(plain)
    const [small, rewrite, ...more] = await watch.end(DONE)
    expect(more).toEqual([])
    expect(small).toMatchObject({ name: '1_small.sql' })
    expect(small?.locks).toEqual([{ table: 'public.b', mode: 'AccessExclusiveLock', ms: expect.any(Number) }])
    expect(rewrite?.locks[0]).toMatchObject({ table: 'public.a', mode: 'AccessExclusiveLock' })
    // As long as the rewrite took, and not a moment of the other migration.
    expect(rewrite?.locks[0]?.ms).toBeGreaterThan(20)
    expect(rewrite?.ms).toBeGreaterThanOrEqual(rewrite?.locks[0]?.ms ?? 0)
    expect(small?.ms).toBeLessThan(rewrite?.ms ?? 0)
    const left = await postgres.query(
      'as superuser',
      `SELECT nspname AS name FROM pg_namespace WHERE nspname ~ 'lastgood'
       UNION ALL SELECT evtname FROM pg_event_trigger UNION ALL SELECT tgname FROM pg_trigger`,
    )
    expect(left).toEqual([])
  })

  it('sees what is held for a while without any special right', async () => {
    const url = await openCopy('as owner')
    const plain = asRole(url, { user: 'plain', password: 'not-a-secret' })
    const watch = await watchLocks(parseConnection(plain), 'tool.done')
    await migrate(plain, () => untilLookedAt('as owner'))
    const found = await watch.end(DONE)
    expect(found.map(({ name }) => name)).toEqual(['1_small.sql', '2_rewrite.sql'])
    expect(found[1]?.locks).toContainEqual({
      table: 'public.a',
      mode: 'AccessExclusiveLock',
      ms: expect.any(Number),
    })
  })

  it('keeps migrations together that it cannot tell apart', async () => {
    const url = await openCopy('no record')
    const watch = await watchLocks(parseConnection(url), null)
    // The record comes first here, so that it is held when the server tells: what is held for a moment only may be missed.
    await withClient(url, (client) =>
      client.query(`BEGIN; INSERT INTO tool.done (name) VALUES ('1_small'), ('2_rewrite');
        ALTER TABLE a ALTER COLUMN v TYPE bigint; ALTER TABLE b ADD COLUMN x int; COMMIT`),
    )
    const [both] = await watch.end(DONE)
    expect(both).toMatchObject({ name: '1_small.sql + 2_rewrite.sql', ms: 20 })
    expect(both?.locks.map(({ table }) => table)).toEqual(['public.a', 'public.b', 'tool.done'])
  })
})
