import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { damage, openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { startClients } from '../../../lab/database/order-clients.ts'
import { partsOf, prepareRestore } from '../../../lab/database/restore-shop.ts'
import { type TakenCheckpoint, takeCheckpoint } from '../../../lab/database/take-checkpoint.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { type Pgbouncer, startPgbouncer } from '../../../lab/pgbouncer/start-pgbouncer.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { isShut, stageOf } from '../../domain/restore.ts'
import { createRestoration } from './create-restoration.ts'

let lab: Lab
let shop: Shop
let taken: TakenCheckpoint
let bouncer: Pgbouncer
let viaBouncer: string
const restore = { id: 'k1', checkpoint: 'c1' }

beforeAll(async () => {
  lab = await openLab({ name: 'restore under traffic' })
  shop = await openShop(await lab.postgres())
  taken = await takeCheckpoint(shop, join(lab.dir, 'c1'))
  await damage(shop.url)
  bouncer = await startPgbouncer(lab, shop.postgres, {
    databases: { shop: 'shop', other_name: 'shop' },
    users: [shop.owner],
  })
  viaBouncer = bouncer.url(shop.owner, 'shop')
})
afterAll(() => lab.close())
afterEach(async () => {
  const port = direct()
  if (stageOf(await port.observe(), restore.id) === 'swapped') await port.undoSwap(restore)
  await port.dropBeside(restore)
})

const direct = () => createRestoration(partsOf(shop, taken))

function paused(pauseMs = 20_000) {
  const { database } = partsOf(shop, taken)
  return createRestoration(
    partsOf(shop, taken, {
      database: { ...database, pgbouncer: { adminUrl: bouncer.adminUrl } },
      patience: { pauseMs },
    }),
  )
}

async function ordersIn(database: string): Promise<string[]> {
  const rows = await shop.postgres.query<{ id: string }>(database, 'SELECT id FROM orders WHERE id > 550')
  return rows.map(({ id }) => id)
}

test('clients that write: every acknowledged order is in one of the two, no number twice', async () => {
  const port = direct()
  const clients = startClients(shop.url, 8)
  try {
    await clients.flowing()
    await prepareRestore(port, taken, restore.id)
    await clients.flowing()
    clients.seen.longestGapMs = 0
    const { kept, unavailableMs } = await port.swap(restore)
    await clients.flowing()
    await clients.stop()
    const { acknowledged, longestGapMs } = clients.seen
    console.log(`swap ${unavailableMs} ms; longest gap of 8 clients ${Math.round(longestGapMs)} ms`)
    const [before, after] = [await ordersIn(kept ?? ''), await ordersIn('shop')]
    expect(before.length).toBeGreaterThan(100)
    expect(after.length).toBeGreaterThan(40)
    const found = [...before, ...after]
    expect(new Set(found).size).toBe(found.length)
    const all = new Set(found)
    expect(acknowledged.filter((id) => !all.has(id))).toEqual([])
    expect(new Set(acknowledged).size).toBe(acknowledged.length)
  } finally {
    await clients.stop()
  }
})

describe('through PgBouncer', () => {
  test('not one request fails, there and back', async () => {
    const port = paused()
    const clients = startClients(viaBouncer, 8)
    try {
      await clients.flowing()
      await prepareRestore(port, taken, restore.id)
      clients.seen.longestGapMs = 0
      expect(await port.swap(restore)).toMatchObject({ throughPgbouncer: true })
      // One that is just logging in would be dropped by the pause, and tried again after 15 s (server_login_retry).
      await clients.flowing(300)
      await port.undoSwap(restore)
      await clients.flowing()
      console.log(`through PgBouncer: longest gap ${Math.round(clients.seen.longestGapMs)} ms`)
      expect(clients.seen.failed).toEqual([])
      expect((await port.observe()).pgbouncer).toEqual({ paused: false })
    } finally {
      await clients.stop()
    }
  })

  test('a client that stays in its transaction: not swapped, and nobody waits any longer', async () => {
    const port = paused(300)
    await prepareRestore(port, taken, restore.id)
    await withClient(viaBouncer, async (client) => {
      await client.query('BEGIN')
      await expect(port.swap(restore)).rejects.toMatchObject({ code: 'PGBOUNCER_NOT_PAUSED' })
      await withClient(viaBouncer, (other) => other.query('SELECT 1'))
      await client.query('COMMIT')
    })
    expect(await port.observe()).toMatchObject({
      pgbouncer: { paused: false },
      live: { allowsConnections: true },
    })
    expect(stageOf(await port.observe(), restore.id)).toBe('carried')
  })

  test('a swap that gives up resumes it as well', async () => {
    const port = createRestoration(
      partsOf(shop, taken, {
        database: { ...partsOf(shop, taken).database, pgbouncer: { adminUrl: bouncer.adminUrl } },
        patience: { swapMs: 300 },
      }),
    )
    await prepareRestore(port, taken, restore.id)
    const stuck = new pg.Client({ connectionString: shop.url })
    stuck.on('error', () => {})
    await stuck.connect()
    const { rows } = await stuck.query('SELECT pg_backend_pid() AS pid')
    process.kill(rows[0].pid, 'SIGSTOP')
    try {
      await expect(port.swap(restore)).rejects.toMatchObject({ code: 'SWAP_GAVE_UP' })
      await withClient(viaBouncer, (client) => client.query('SELECT 1'))
    } finally {
      process.kill(rows[0].pid, 'SIGCONT')
      await stuck.end().catch(() => {})
    }
  })

  test('killed while it is paused: seen as shut, and opened again', async () => {
    await withClient(bouncer.adminUrl, (console) => console.query('PAUSE shop'))
    const port = paused()
    const view = await port.observe()
    expect(view.pgbouncer).toEqual({ paused: true })
    expect(isShut(view)).toBe(true)
    expect(await port.reopen()).toEqual({ reopened: true })
    expect(isShut(await port.observe())).toBe(false)
    await withClient(viaBouncer, (client) => client.query('SELECT 1'))
    expect(await port.reopen()).toEqual({ reopened: false })
  })

  test('a console that does not answer: nothing is begun', async () => {
    const { database } = partsOf(shop, taken)
    const adminUrl = `postgres://bouncer:bouncer@127.0.0.1:${await lab.freePort()}/pgbouncer`
    const port = createRestoration(
      partsOf(shop, taken, { database: { ...database, pgbouncer: { adminUrl } } }),
    )
    await prepareRestore(direct(), taken, restore.id)
    await expect(port.swap(restore)).rejects.toMatchObject({ code: 'PGBOUNCER_UNREACHABLE' })
    expect((await port.observe()).pgbouncerProblem).toMatch(/cannot be reached/)
  })
})

describe('writes are frozen', () => {
  const insert = `INSERT INTO visits VALUES ('frozen')`

  test('for sessions that a pool has had for long, and given back', async () => {
    const port = direct()
    const pool = new pg.Pool({ connectionString: shop.url, max: 4 })
    pool.on('error', () => {})
    try {
      await Promise.all([1, 2, 3, 4].map(() => pool.query('SELECT pg_sleep(0.05)')))
      const before = await shop.postgres.query(
        'shop',
        `SELECT shobj_description(oid, 'pg_database') AS c FROM pg_database WHERE datname = 'shop'`,
      )
      const frozen = await port.freezeWrites('prices are wrong')
      expect(frozen.ended).toBeGreaterThanOrEqual(4)
      expect(frozen.notStopped[0]).toMatch(/READ WRITE itself/)
      for (let i = 0; i < 8; i++) {
        const error = await pool.query(insert).then(
          () => 'written',
          (problem) => String(problem),
        )
        expect(error).toMatch(/read-only transaction|terminated|not queryable/)
      }
      expect((await pool.query('SELECT count(*)::int AS n FROM products')).rows).toEqual([{ n: 1000 }])
      expect((await port.observe()).live?.mark?.frozen.reason).toBe('prices are wrong')
      // What it does not stop is said, and so it is shown.
      await pool.query(`BEGIN READ WRITE; ${insert}; ROLLBACK`)
      expect(await port.unfreezeWrites()).toEqual({ unfrozen: ['shop'] })
      expect(await port.unfreezeWrites()).toEqual({ unfrozen: [] })
      await waitUntil(() => pool.query(insert).then(() => true), { what: 'a write' })
      const after = await shop.postgres.query(
        'shop',
        `SELECT shobj_description(oid, 'pg_database') AS c FROM pg_database WHERE datname = 'shop'`,
      )
      expect(after).toEqual(before)
    } finally {
      await pool.end()
    }
  })

  test('also where the service’s role has a setting of its own, which is put back', async () => {
    const port = direct()
    const settings = () =>
      shop.postgres.query(
        'postgres',
        `SELECT setrole::regrole::text AS role, setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase
          WHERE datname = 'shop' ORDER BY 1`,
      )
    await shop.postgres.query(
      'postgres',
      'ALTER ROLE shop_owner IN DATABASE shop SET default_transaction_read_only = off',
    )
    const before = await settings()
    await port.freezeWrites('a test')
    await expect(withClient(shop.url, (client) => client.query(insert))).rejects.toThrow(/read-only/)
    await port.unfreezeWrites()
    expect(await settings()).toEqual(before)
    await shop.postgres.query(
      'postgres',
      'ALTER ROLE shop_owner IN DATABASE shop RESET default_transaction_read_only',
    )
  })

  test('but what takes the place of a frozen one is not, nor what is taken back', async () => {
    const port = direct()
    await port.freezeWrites('a restore')
    await prepareRestore(port, taken, restore.id)
    const { kept } = await port.swap(restore)
    await withClient(shop.url, (client) => client.query(insert))
    await expect(shop.postgres.query(kept ?? '', insert)).rejects.toThrow(/read-only/)
    await port.undoSwap(restore)
    await withClient(shop.url, (client) => client.query(insert))
    expect((await port.observe()).live?.mark).toBe(null)
  })

  test('and not half: where a session cannot be ended, everything is as before', async () => {
    const port = createRestoration(partsOf(shop, taken, { patience: { swapMs: 300 } }))
    const stuck = new pg.Client({ connectionString: shop.url })
    stuck.on('error', () => {})
    await stuck.connect()
    const { rows } = await stuck.query('SELECT pg_backend_pid() AS pid')
    process.kill(rows[0].pid, 'SIGSTOP')
    try {
      await expect(port.freezeWrites('a test')).rejects.toMatchObject({ code: 'FREEZE_NOT_HELD' })
      await withClient(shop.url, (client) => client.query(insert))
    } finally {
      process.kill(rows[0].pid, 'SIGCONT')
      await stuck.end().catch(() => {})
    }
  })
})
