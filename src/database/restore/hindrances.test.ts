import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asRole, damage, openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { partsOf, prepareRestore, restoreWhole } from '../../../lab/database/restore-shop.ts'
import { restoreFrom, type TakenCheckpoint, takeCheckpoint } from '../../../lab/database/take-checkpoint.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { type Postgres, startPostgres } from '../../../lab/postgres/start-postgres.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { stageOf } from '../../domain/restore.ts'
import { createRestoration } from './create-restoration.ts'
import type { RestorationParts } from './restoration-parts.ts'

let lab: Lab
let postgres: Postgres
let shop: Shop
let taken: TakenCheckpoint

beforeAll(async () => {
  lab = await openLab({ name: 'restore hindrances' })
  postgres = await startPostgres({
    dir: join(lab.dir, 'logical'),
    env: lab.env,
    settings: { wal_level: 'logical', max_prepared_transactions: '5' },
    onSpawn: (pid) => lab.watch(pid, { signal: 'SIGQUIT' }),
  })
  lab.onClose(postgres.stop)
  shop = await openShop(postgres)
  taken = await takeCheckpoint(shop, join(lab.dir, 'c1'))
  await damage(shop.url)
})
afterAll(() => lab.close())

const open = (changes?: Partial<RestorationParts>) => createRestoration(partsOf(shop, taken, changes))

/** Nobody was thrown out, and the shop is as damaged as before. */
async function expectUntouched(): Promise<void> {
  await withClient(shop.url, async (client) => {
    expect((await client.query('SELECT max(price_cents) AS price FROM products')).rows).toEqual([
      { price: 1 },
    ])
  })
}

describe('refused before anybody is refused', () => {
  test('a prepared transaction', async () => {
    const port = open()
    const restore = await prepareRestore(port, taken, 'p1')
    await withClient(shop.url, async (client) => {
      await client.query(`BEGIN; INSERT INTO visits VALUES ('prepared'); PREPARE TRANSACTION 'in the way'`)
      await expect(port.swap(restore)).rejects.toMatchObject({
        code: 'SWAP_BLOCKED',
        message: expect.stringContaining("ROLLBACK PREPARED 'in the way'"),
      })
      await expect(port.checkBefore(taken.checkpoint)).rejects.toMatchObject({ code: 'SWAP_BLOCKED' })
      // The very connection is still there.
      await client.query(`ROLLBACK PREPARED 'in the way'`)
    })
    await expectUntouched()
    await port.dropBeside(restore)
  })

  test('a replication slot, which would follow the damaged database', async () => {
    const port = open()
    const restore = await prepareRestore(port, taken, 's1')
    await postgres.query('shop', `SELECT pg_create_logical_replication_slot('reader', 'test_decoding')`)
    await expect(port.swap(restore)).rejects.toMatchObject({
      code: 'SWAP_BLOCKED',
      message: expect.stringContaining("pg_drop_replication_slot('reader')"),
    })
    await postgres.query('shop', `SELECT pg_drop_replication_slot('reader')`)
    await expectUntouched()
    await port.dropBeside(restore)
  })

  test('too little disk, a newer server’s checkpoint, a missing role and a missing extension', async () => {
    const freeSpace = async () => ({ path: '/data', bytes: 10 })
    await expect(open({ freeSpace }).checkSpace(taken.checkpoint)).rejects.toMatchObject({
      code: 'DB_NO_SPACE',
    })
    const port = open()
    const { checkpoint } = taken
    const newer = { ...checkpoint, serverVersion: 990_000 }
    await expect(port.checkBefore(newer)).rejects.toMatchObject({ code: 'DB_SERVER_OLDER' })
    const roles = { ...checkpoint.properties, roles: ['nobody_here'] }
    await expect(port.checkBefore({ ...checkpoint, properties: roles })).rejects.toMatchObject({
      code: 'DB_ROLE_MISSING',
    })
    const extensions = [{ name: 'not_there', version: '1', schema: 'public' }]
    const extended = { ...checkpoint, content: { ...checkpoint.content, extensions } }
    await expect(port.checkBefore(extended)).rejects.toMatchObject({ code: 'DB_EXTENSION_MISSING' })
  })

  test('a role without the rights, and what it lacks', async () => {
    const database = { ...partsOf(shop, taken).database, adminUrl: null }
    await expect(open({ database }).checkBefore(taken.checkpoint)).rejects.toMatchObject({
      code: 'RESTORE_NOT_ALLOWED',
      message: expect.stringContaining('CREATEDB'),
    })
  })

  test('a database of the name that is not ours', async () => {
    await postgres.createDatabase('shop_next_t1')
    await postgres.query('shop_next_t1', 'CREATE TABLE theirs (id int)')
    const restore = { id: 't1', checkpoint: 'c1' }
    const { signal } = new AbortController()
    await expect(open().buildBeside(restore, taken.checkpoint, signal)).rejects.toMatchObject({
      code: 'DB_NAME_TAKEN',
    })
    expect(await open().dropBeside(restore)).toEqual({ dropped: [], left: [] })
    expect(await postgres.query('shop_next_t1', 'SELECT count(*)::int AS n FROM theirs')).toEqual([{ n: 0 }])
    await postgres.dropDatabase('shop_next_t1')
  })

  test('another content than the checkpoint says', async () => {
    const port = open()
    const restore = { id: 'd1', checkpoint: 'c1' }
    await port.buildBeside(restore, taken.checkpoint, new AbortController().signal)
    await postgres.query('shop_next_d1', 'UPDATE products SET price_cents = 7 WHERE id = 3')
    await expect(port.verifyBeside(restore, taken.checkpoint)).rejects.toMatchObject({
      code: 'RESTORE_DIFFERS',
      message: expect.stringContaining('public.products'),
    })
    await expect(port.swap(restore)).rejects.toMatchObject({ code: 'RESTORE_NOT_READY' })
    await port.dropBeside(restore)
  })
})

describe('put back', () => {
  test('when a connection does not die; and once it does, the same restore goes through', async () => {
    const port = open({ patience: { swapMs: 400 } })
    const restore = await prepareRestore(port, taken, 'g1')
    await withClient(shop.url, async (client) => {
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
      process.kill(rows[0].pid, 'SIGSTOP')
      try {
        await expect(port.swap(restore)).rejects.toMatchObject({
          code: 'SWAP_GAVE_UP',
          message: expect.stringContaining(String(rows[0].pid)),
        })
        await expectUntouched()
        expect(stageOf(await port.observe(), 'g1')).toBe('carried')
      } finally {
        process.kill(rows[0].pid, 'SIGCONT')
      }
    }).catch(() => {}) // its server process was told to end, and does so now
    await port.swap(restore)
    await port.undoSwap(restore)
    await port.dropBeside(restore)
    await expectUntouched()
  })

  test('when the session that swaps is ended from outside', async () => {
    const port = open({ patience: { swapMs: 60_000 } })
    const restore = await prepareRestore(port, taken, 'e1')
    await withClient(shop.url, async (client) => {
      const { rows } = await client.query('SELECT pg_backend_pid() AS pid')
      process.kill(rows[0].pid, 'SIGSTOP')
      try {
        const swap = port.swap(restore)
        swap.catch(() => {})
        const shut = () => port.observe().then(({ live }) => live?.allowsConnections === false)
        await waitUntil(shut, { what: 'connections to be refused' })
        await postgres.query(
          'postgres',
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'lastgood swap'`,
        )
        await expect(swap).rejects.toMatchObject({ code: 'DB_CONNECTION_LOST' })
        await expectUntouched()
        expect(stageOf(await port.observe(), 'e1')).toBe('carried')
      } finally {
        process.kill(rows[0].pid, 'SIGCONT')
      }
    }).catch((error: unknown) => {
      if (!(error instanceof Error) || !/terminated|ended/i.test(error.message)) throw error
    })
    await port.dropBeside(restore)
  })
})

test('without a superuser: the owner’s own role, where it may create databases', async () => {
  await postgres.query('postgres', 'ALTER ROLE shop_owner CREATEDB')
  await postgres.query('postgres', 'ALTER ROLE shop_reader IN DATABASE shop RESET ALL')
  const database = { ...partsOf(shop, taken).database, adminUrl: null }
  const ownUrl = asRole(postgres.url('postgres'), shop.owner)
  const port = open({ database, restoreInto: restoreFrom(ownUrl, taken.folder) })
  await port.checkBefore(taken.checkpoint)
  const restore = await prepareRestore(port, taken, 'o1')
  // A superuser looks on, whom nobody but a superuser may end.
  await withClient(postgres.url('shop'), async () => {
    await expect(port.swap(restore)).rejects.toMatchObject({
      code: 'SWAP_BLOCKED',
      message: expect.stringContaining('pg_terminate_backend'),
    })
  })
  const gone = `SELECT 1 FROM pg_stat_activity WHERE datname = 'shop'`
  await waitUntil(async () => (await postgres.query('postgres', gone)).length === 0, { what: 'its end' })
  expect(await port.swap(restore)).toMatchObject({ kept: expect.stringMatching(/^shop_bad_/) })
  await port.undoSwap(restore)
  await port.dropBeside(restore)
  await expectUntouched()
})

test('names that need quoting, and are too long for a suffix', async () => {
  const name = `My "shop" \\ 's ü ${'x'.repeat(40)} {1}`
  const other = await openShop(postgres, name)
  const copy = await takeCheckpoint(other, join(lab.dir, 'quoted'))
  await damage(other.url)
  const port = createRestoration(partsOf(other, copy))
  const { kept } = await restoreWhole(port, copy, 'q1')
  expect(Buffer.byteLength(kept ?? '')).toBeLessThanOrEqual(63)
  const max = 'SELECT max(price_cents) AS price FROM products'
  expect(await postgres.query(name, max)).toEqual([{ price: 100_000 }])
  expect(await postgres.query(kept ?? '', max)).toEqual([{ price: 1 }])
  await port.undoSwap({ id: 'q1', checkpoint: 'c1' })
  expect(await postgres.query(name, max)).toEqual([{ price: 1 }])
  expect(await port.dropBeside({ id: 'q1', checkpoint: 'c1' })).toMatchObject({ left: [] })
})

test('a database that is gone altogether: built from the checkpoint’s own record', async () => {
  const lost = await openShop(postgres, 'lost')
  const copy = await takeCheckpoint(lost, join(lab.dir, 'lost'))
  await postgres.dropDatabase('lost')
  const port = createRestoration(partsOf(lost, copy))
  await port.checkBefore(copy.checkpoint)
  expect(await restoreWhole(port, copy, 'l1')).toMatchObject({ kept: null })
  const [row] = await postgres.query<{ public: boolean; limit: number }>(
    'postgres',
    `SELECT has_database_privilege('public', 'lost', 'CONNECT') AS public, datconnlimit AS limit
       FROM pg_database WHERE datname = 'lost'`,
  )
  expect(row).toEqual({ public: false, limit: 77 })
  await postgres.dropDatabase('lost')
})

test('the cluster’s only database: one of our own to stand in, and gone afterwards', async () => {
  const only = await startPostgres({
    dir: join(lab.dir, 'only'),
    env: lab.env,
    onSpawn: (pid) => lab.watch(pid, { signal: 'SIGQUIT' }),
  })
  lab.onClose(only.stop)
  const theirs = await openShop(only)
  const copy = await takeCheckpoint({ ...theirs, adminUrl: only.url('shop') }, join(lab.dir, 'only-c1'))
  await damage(theirs.url)
  await only.query('shop', 'ALTER DATABASE template1 ALLOW_CONNECTIONS false')
  await only.query('shop', 'DROP DATABASE postgres')
  const alone = { ...theirs, adminUrl: only.url('shop') }
  const port = createRestoration(partsOf(alone, copy))
  const { kept } = await restoreWhole(port, copy, 'a1')
  const names = async () =>
    (await only.query<{ datname: string }>('shop', 'SELECT datname FROM pg_database ORDER BY 1')).map(
      ({ datname }) => datname,
    )
  expect(await names()).toEqual(['shop', kept, 'template0', 'template1'])
  expect(await only.query('shop', 'SELECT max(price_cents) AS price FROM products')).toEqual([
    { price: 100_000 },
  ])
  await port.undoSwap({ id: 'a1', checkpoint: 'c1' })
  expect(await only.query('shop', 'SELECT max(price_cents) AS price FROM products')).toEqual([{ price: 1 }])
  await port.dropExpired(Date.now() + 10 * 86_400_000)
  expect(await names()).toEqual(['shop', 'template0', 'template1'])
})
