import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { startClients } from '../../../lab/database/order-clients.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { type Pgbouncer, startPgbouncer } from '../../../lab/pgbouncer/start-pgbouncer.ts'
import { ExecaRunner } from '../../command-runner/execa-runner.ts'
import { compareContent } from '../../domain/compare-content.ts'
import type { Checkpoints } from '../../ports/checkpoints.ts'
import { systemClock } from '../../system/system-clock.ts'
import { onDatabase, parseConnection } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { readDatabaseProperties } from '../postgres/database-properties.ts'
import { restoreInto } from '../postgres/restore-into.ts'
import { inTransaction, withSession } from '../postgres/session.ts'
import { createCheckpoints } from './file-checkpoints.ts'
import type { CheckpointParts } from './parts.ts'
import { withEpoch } from './take-template.ts'

vi.setConfig({ testTimeout: 60_000 })

let lab: Lab
let shop: Shop
let bouncer: Pgbouncer
let parts: CheckpointParts
let checkpoints: Checkpoints

beforeAll(async () => {
  lab = await openLab({ name: 'templates' })
  shop = await openShop(await lab.postgres())
  bouncer = await startPgbouncer(lab, shop.postgres, { databases: { shop: 'shop' }, users: [shop.owner] })
  parts = {
    service: 'shop',
    url: shop.url,
    adminUrl: shop.adminUrl,
    pgbouncerUrl: null,
    folder: join(lab.dir, 'checkpoints'),
    jobs: 1,
    rule: { keep: 1, maxAgeMs: 86_400_000, maxBytes: null },
    env: process.env,
    runner: new ExecaRunner(),
    clock: systemClock,
    crash: () => {},
  }
  checkpoints = createCheckpoints(parts)
})
afterAll(() => lab.close())

const { signal } = new AbortController()
const asked = { id: null, release: 'r1', migrations: ['001'], reason: 'test', signal }
const take = (pauseMs: number | null, more: Partial<CheckpointParts> = {}) =>
  createCheckpoints({ ...parts, ...more }).create({ ...asked, template: { pauseMs } })

const admin = (database: string) => onDatabase(parseConnection(shop.adminUrl), database)
const contentOf = (database: string) =>
  withSession(admin(database), 'test', (session) =>
    inTransaction(session, () => describeContent(session), 'isolation level repeatable read'),
  )
const templates = async () =>
  (
    await shop.postgres.query<{ name: string }>(
      'postgres',
      `SELECT datname AS name FROM pg_database WHERE datname LIKE '%template%' AND NOT datistemplate ORDER BY 1`,
    )
  ).map(({ name }) => name)

async function withStuckClient(work: (pid: number) => Promise<void>): Promise<void> {
  const stuck = new pg.Client({ connectionString: shop.url })
  stuck.on('error', () => {})
  await stuck.connect()
  const { rows } = await stuck.query('SELECT pg_backend_pid() AS pid')
  process.kill(rows[0].pid, 'SIGSTOP')
  try {
    await work(rows[0].pid)
  } finally {
    process.kill(rows[0].pid, 'SIGCONT')
    await stuck.end().catch(() => {})
  }
}

test('while somebody is connected it is refused, and nobody is sent away', async () => {
  await withClient(shop.url, async (client) => {
    await expect(take(null)).rejects.toMatchObject({
      code: 'CHECKPOINT_IN_USE',
      message: expect.stringMatching(/shop_owner/),
    })
    await client.query('SELECT 1')
  })
  expect(await templates()).toEqual([])
})

test('under traffic: new connections wait and none is refused, and the record is of that very moment', async () => {
  const clients = startClients(shop.url, 6)
  let checkpoint: Awaited<ReturnType<Checkpoints['create']>>
  try {
    await clients.flowing()
    checkpoint = await take(30_000)
    await clients.flowing()
  } finally {
    await clients.stop()
  }
  // Sent away in the middle of something, or asked after it; to come back nobody was refused.
  for (const failure of clients.seen.failed) expect(failure).toMatch(/terminat|queryable|ECONNRESET/)
  const { template, content, snapshotXmin } = checkpoint
  if (template === null) throw new Error('it is a dump')
  expect(template).toEqual({
    database: expect.stringMatching(/^shop_template_c\d+_/),
    heldMs: expect.any(Number),
  })
  expect(await checkpoints.verify(checkpoint.id, { signal })).toMatchObject({ ok: true, differences: [] })
  await expect(shop.postgres.query(template.database, 'SELECT 1')).rejects.toThrow(/not currently accepting/)

  // Every order is on one side of the border: in the template, or written by a younger transaction.
  const inTemplate = content.tables.find(({ name }) => name === 'orders')?.rows ?? 0
  const [row] = await shop.postgres.query<{ now: string; younger: string }>(
    'shop',
    `SELECT count(*) AS now, count(*) FILTER (WHERE xmin::text::bigint >= ${snapshotXmin}) AS younger FROM orders`,
  )
  expect(Number(row?.younger)).toBeGreaterThan(40)
  expect(Number(row?.now)).toBe(inTemplate + Number(row?.younger))
})

test('a database is made from it as from a dump, and it stays as it was', async () => {
  const [kept] = await checkpoints.list()
  if (!kept?.readable) throw new Error('there is no checkpoint')
  const { checkpoint } = kept
  const runner = new ExecaRunner()
  const from = { connection: parseConnection(shop.adminUrl), folder: '/nowhere', runner, env: {} }
  const onCreated = async () => {
    await expect(shop.postgres.query('copy', 'SELECT 1')).rejects.toThrow(/not currently accepting/)
  }
  await restoreInto(from, checkpoint, 'copy', { jobs: 1, signal, onCreated })
  expect(compareContent(checkpoint.content, await contentOf('copy'))).toEqual([])
  const properties = await withSession(admin('copy'), 'test', readDatabaseProperties)
  expect(properties.owner).toBe('shop_owner')
  await shop.postgres.query('copy', 'DELETE FROM visits')
  expect(await checkpoints.checkFiles(checkpoint.id)).toEqual([])
  await shop.postgres.dropDatabase('copy')
})

test('through PgBouncer not one request fails, also when one that was killed had left it paused', async () => {
  const clients = startClients(bouncer.url(shop.owner, 'shop'), 6)
  try {
    // One that it is just logging in would be dropped by the pause, and tried again after 15 s (server_login_retry).
    await clients.flowing(500)
    await withClient(bouncer.adminUrl, (console) => console.query('PAUSE shop'))
    await take(30_000, { pgbouncerUrl: bouncer.adminUrl })
    await clients.flowing()
  } finally {
    await clients.stop()
  }
  expect(clients.seen.failed).toEqual([])
})

test('somebody who does not leave: given up when the time is over, or after the server’s own five seconds', async () => {
  const before = await templates()
  await withStuckClient(async (pid) => {
    await expect(take(300)).rejects.toMatchObject({
      code: 'CHECKPOINT_HELD_UP',
      message: expect.stringMatching(/not ready after 300 ms/),
    })
    await withClient(shop.url, (client) => client.query('SELECT 1'))
    await expect(take(20_000)).rejects.toMatchObject({
      code: 'CHECKPOINT_HELD_UP',
      message: expect.stringContaining(String(pid)),
    })
    await withClient(shop.url, (client) => client.query('SELECT 1'))
  })
  expect(await templates()).toEqual(before)
})

test('interrupted, and too little disk: nothing is left', async () => {
  const before = await templates()
  const abort = new AbortController()
  await withStuckClient(async () => {
    const taking = checkpoints.create({ ...asked, template: { pauseMs: 20_000 }, signal: abort.signal })
    taking.catch(() => {})
    const waiting = `SELECT 1 FROM pg_stat_activity WHERE query LIKE 'CREATE DATABASE%' AND state = 'active'`
    await vi.waitUntil(async () => (await shop.postgres.query('postgres', waiting)).length > 0, 30_000)
    abort.abort()
    await expect(taking).rejects.toMatchObject({ code: 'INTERRUPTED' })
  })
  const freeSpaceOfServer = async () => ({ path: '/data', bytes: 1_000_000 })
  await expect(take(null, { freeSpaceOfServer })).rejects.toMatchObject({ code: 'DB_NO_SPACE' })
  expect(await templates()).toEqual(before)
})

test('the owner’s own role may, without a superuser; whom it may not send away is named, and nobody is', async () => {
  await shop.postgres.query('postgres', 'ALTER ROLE shop_owner CREATEDB')
  await withClient(shop.postgres.url('shop'), async (superuser) => {
    await expect(take(5000, { adminUrl: null })).rejects.toMatchObject({
      code: 'CHECKPOINT_IN_USE',
      message: expect.stringMatching(/may not end/),
    })
    await superuser.query('SELECT 1')
  })
  expect(await take(30_000, { adminUrl: null })).toMatchObject({ template: { heldMs: expect.any(Number) } })
})

test('opened and written to, or gone: said before anything is made from it; prune takes the database too', async () => {
  const { id, template } = await take(30_000)
  const name = template?.database ?? ''
  await shop.postgres.query('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS true`)
  await shop.postgres.query(name, 'DELETE FROM visits')
  expect(await checkpoints.verify(id, { signal })).toMatchObject({
    ok: false,
    differences: [expect.stringMatching(/was opened/)],
  })
  await shop.postgres.query('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  expect(await checkpoints.verify(id, { signal })).toMatchObject({
    ok: false,
    differences: [expect.stringMatching(/public\.visits has 0 rows/)],
  })
  await shop.postgres.dropDatabase(name)
  expect(await checkpoints.checkFiles(id)).toEqual([expect.stringMatching(/is not on the server/)])
  expect((await checkpoints.newestGood())?.id).not.toBe(id)

  const dump = await checkpoints.create({ ...asked, template: null })
  await checkpoints.prune([])
  expect((await checkpoints.list()).map((kept) => kept.id)).toEqual([dump.id])
  expect(await templates()).toEqual([])
})

test('a row knows the last 32 bits of its transaction, and the number before it tells the rest', () => {
  expect(withEpoch('727', '725')).toBe('727')
  expect(withEpoch('5', String(3n * 2n ** 32n - 2n))).toBe(String(3n * 2n ** 32n + 5n))
  expect(withEpoch('7', String(2n ** 32n + 7n))).toBe(String(2n ** 32n + 7n))
})
