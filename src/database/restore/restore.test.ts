import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { damage, openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { partsOf, restoreWhole } from '../../../lab/database/restore-shop.ts'
import { restoreFrom, type TakenCheckpoint, takeCheckpoint } from '../../../lab/database/take-checkpoint.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { run } from '../../../lab/run.ts'
import { compareContent } from '../../domain/compare-content.ts'
import { stageOf, undoable } from '../../domain/restore.ts'
import type { Restoration } from '../../ports/restore.ts'
import { systemClock } from '../../system/system-clock.ts'
import { onDatabase, parseConnection } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { readDatabaseProperties } from '../postgres/database-properties.ts'
import { inTransaction, withSession } from '../postgres/session.ts'
import { createRestoration } from './create-restoration.ts'

const DAY = 86_400_000
const signal = new AbortController().signal

let lab: Lab
let shop: Shop
let taken: TakenCheckpoint

beforeAll(async () => {
  lab = await openLab({ name: 'restore' })
  shop = await openShop(await lab.postgres())
  taken = await takeCheckpoint(shop, join(lab.dir, 'c1'))
})
afterAll(() => lab.close())

function restoration(): Restoration {
  return createRestoration({
    database: { url: shop.url, adminUrl: shop.adminUrl, pgbouncer: null, keepDamagedMs: DAY },
    clock: systemClock,
    crash: () => {},
    restoreInto: restoreFrom(shop.adminUrl, taken.folder),
  })
}

async function contentOf(database: string) {
  const connection = onDatabase(parseConnection(shop.adminUrl), database)
  return withSession(connection, 'test', (session) =>
    inTransaction(session, () => describeContent(session), 'isolation level repeatable read'),
  )
}

async function propertiesOf(database: string) {
  const connection = onDatabase(parseConnection(shop.adminUrl), database)
  return withSession(connection, 'test', readDatabaseProperties)
}

test('the runbook’s psql < backup.sql ends with 0 and repairs nothing', async () => {
  const { url } = shop
  const backup = join(lab.dir, 'backup.sql')
  const pgDump = join(shop.postgres.bin, 'pg_dump')
  const psql = join(shop.postgres.bin, 'psql')
  expect(await run(pgDump, ['-f', backup, url])).toMatchObject({ exitCode: 0 })
  await damage(url)
  const restored = await run('sh', ['-c', `"${psql}" -q "${url}" < "${backup}"`])
  expect(restored.exitCode).toBe(0)
  expect(restored.stderr).toMatch(/ERROR/)
  await withClient(url, async (client) => {
    const { rows } = await client.query(
      `SELECT count(*)::int AS count, max(price_cents) AS price FROM products`,
    )
    expect(rows).toEqual([{ count: 1000, price: 1 }])
    // Without a primary key nothing stopped it: every row is there twice.
    expect((await client.query('SELECT count(*)::int AS count FROM visits')).rows).toEqual([{ count: 1000 }])
    await client.query('SELECT junk FROM products LIMIT 1')
  })
})

describe('lastgood restores what the runbook did not', () => {
  const restore = { id: 'k1', checkpoint: 'c1' }

  test('step by step, each done twice', async () => {
    const port = restoration()
    const before = await propertiesOf('shop')
    const damaged = await contentOf('shop')
    await port.checkBefore(taken.checkpoint)
    expect((await port.checkSpace(taken.checkpoint)).neededBytes).toBeGreaterThan(1e6)
    await expect(port.swap(restore)).rejects.toMatchObject({ code: 'RESTORE_NOT_READY' })
    for (let time = 0; time < 2; time++) {
      await port.buildBeside(restore, taken.checkpoint, signal)
      expect(stageOf(await port.observe(), 'k1')).toBe(time === 0 ? 'built' : 'carried')
      const verified = await port.verifyBeside(restore, taken.checkpoint)
      expect(verified).toMatchObject({ tables: 4, rows: 2000 })
      await port.carryOver(restore, taken.checkpoint)
      expect(stageOf(await port.observe(), 'k1')).toBe('carried')
    }
    const swapped = await port.swap(restore)
    expect(swapped.kept).toMatch(/^shop_bad_\d{14}$/)
    expect(swapped.unavailableMs).toBeGreaterThan(0)
    expect(await port.swap(restore)).toMatchObject({ kept: swapped.kept, unavailableMs: null })

    const view = await port.observe()
    expect(stageOf(view, 'k1')).toBe('swapped')
    expect(undoable(view)).toEqual(restore)
    expect(view.next).toEqual([])
    expect(view.damaged).toMatchObject([{ name: swapped.kept, allowsConnections: true }])
    expect(compareContent(taken.checkpoint.content, await contentOf('shop'), { reparsed: true })).toEqual([])
    expect(await propertiesOf('shop')).toEqual(before)
    expect(compareContent(damaged, await contentOf(swapped.kept ?? ''))).toEqual([])
  })

  test('the next number is past every one that was handed out', async () => {
    await withClient(shop.url, async (client) => {
      const { rows } = await client.query(
        'INSERT INTO orders (product_id, quantity) VALUES (1, 1) RETURNING id',
      )
      expect(rows).toEqual([{ id: '551' }])
    })
  })

  test('and is taken back again', async () => {
    const port = restoration()
    const before = await propertiesOf('shop')
    const undone = await port.undoSwap(restore)
    expect(undone).toMatchObject({ kept: 'shop_next_k1' })
    expect(await port.undoSwap(restore)).toMatchObject({ kept: 'shop_next_k1', unavailableMs: null })
    expect(stageOf(await port.observe(), 'k1')).toBe('undone')
    expect(await propertiesOf('shop')).toEqual(before)
    await withClient(shop.url, async (client) => {
      expect((await client.query('SELECT max(price_cents) AS price FROM products')).rows).toEqual([
        { price: 1 },
      ])
      const { rows } = await client.query(
        'INSERT INTO orders (product_id, quantity) VALUES (1, 1) RETURNING id',
      )
      expect(rows).toEqual([{ id: '552' }])
    })
    expect(await port.dropBeside(restore)).toEqual({ dropped: ['shop_next_k1'], left: [] })
    expect(await port.dropBeside(restore)).toEqual({ dropped: [], left: [] })
    await expect(port.undoSwap(restore)).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' })
  })

  test('what is kept is dropped when its time is over, and never what serves', async () => {
    const port = restoration()
    const again = { id: 'k2', checkpoint: 'c1' }
    await port.buildBeside(again, taken.checkpoint, signal)
    await port.verifyBeside(again, taken.checkpoint)
    await port.carryOver(again, taken.checkpoint)
    const { kept } = await port.swap(again)
    expect(await port.dropExpired(Date.now())).toEqual({ dropped: [], left: [] })
    expect(await port.dropExpired(Date.now() + DAY + 1000)).toEqual({ dropped: [kept], left: [] })
    const view = await port.observe()
    expect(view.damaged).toEqual([])
    expect(view.live?.allowsConnections).toBe(true)
  })
})

test('from a template the same way: copied, compared, made ready, swapped; the template stays', async () => {
  const { checkpoint } = await takeCheckpoint(shop, join(lab.dir, 'c2'), 'c2')
  const template = { database: 'shop_template_c2_00000000', heldMs: 1 }
  const copyOf = (from: string, name: string) =>
    shop.postgres.query('postgres', `CREATE DATABASE ${name} TEMPLATE ${from} ALLOW_CONNECTIONS false`)
  await copyOf('shop', template.database)
  const kept = { checkpoint: { ...checkpoint, files: [], template }, folder: '/nowhere' }
  const before = await propertiesOf('shop')
  await damage(shop.url)
  const port = createRestoration(partsOf(shop, kept))

  // Of one that was killed before it could say whose it is; and one that somebody has made for himself.
  await copyOf(template.database, 'shop_next_t1')
  await copyOf(template.database, 'shop_next_t2')
  await shop.postgres.query('postgres', 'ALTER DATABASE shop_next_t2 ALLOW_CONNECTIONS true')
  await expect(
    port.buildBeside({ id: 't2', checkpoint: 'c2' }, kept.checkpoint, signal),
  ).rejects.toMatchObject({ code: 'DB_NAME_TAKEN' })
  await port.checkBefore(kept.checkpoint)
  expect(await restoreWhole(port, kept, 't1')).toMatchObject({ kept: expect.stringMatching(/^shop_bad_/) })
  expect(compareContent(checkpoint.content, await contentOf('shop'))).toEqual([])
  expect(await propertiesOf('shop')).toEqual(before)

  await shop.postgres.dropDatabase(template.database)
  await expect(
    port.buildBeside({ id: 't3', checkpoint: 'c2' }, kept.checkpoint, signal),
  ).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED', message: expect.stringMatching(/not on the server/) })
})
