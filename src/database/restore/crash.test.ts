import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { damage, openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { partsOf, prepareRestore, restoreWhole } from '../../../lab/database/restore-shop.ts'
import { type TakenCheckpoint, takeCheckpoint } from '../../../lab/database/take-checkpoint.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { run } from '../../../lab/run.ts'
import { waitUntil } from '../../../lab/wait-until.ts'
import { bundleChild } from '../../../test/support/bundle-child.ts'
import { sampled } from '../../../test/support/sampled.ts'
import { compareContent } from '../../domain/compare-content.ts'
import { writeMark } from '../../domain/database-mark.ts'
import { isShut, stageOf } from '../../domain/restore.ts'
import type { Restoration } from '../../ports/restore.ts'
import { onDatabase, parseConnection } from '../postgres/connection.ts'
import { describeContent } from '../postgres/content.ts'
import { inTransaction, withSession } from '../postgres/session.ts'
import { createRestoration } from './create-restoration.ts'

const FORWARD = ['build', 'verify', 'carry', 'swap']

let lab: Lab
let shop: Shop
let taken: TakenCheckpoint
let port: Restoration
let program: string

beforeAll(async () => {
  lab = await openLab({ name: 'restore crash' })
  shop = await openShop(await lab.postgres())
  taken = await takeCheckpoint(shop, join(lab.dir, 'c1'))
  await damage(shop.url)
  port = createRestoration(partsOf(shop, taken))
  program = await bundleChild(`import './test/fixtures/restore-child.ts'`)
})
afterAll(() => lab.close())

async function killAt(point: string, id: string, operations: string[]): Promise<void> {
  const file = join(lab.dir, `orders-${id}.json`)
  const { database } = partsOf(shop, taken)
  const restore = { id, checkpoint: 'c1' }
  const orders = { database, folder: taken.folder, checkpoint: taken.checkpoint, restore, operations }
  await writeFile(file, JSON.stringify(orders))
  const child = await run(process.execPath, [program, file], {
    env: { ...lab.env, PATH: process.env.PATH ?? '', HOME: lab.dir, LASTGOOD_CRASH_AT: point },
  })
  expect({ point, code: child.exitCode, said: child.stderr }).toMatchObject({ code: 137 })
}

async function price(): Promise<number> {
  return withClient(shop.url, async (client) => {
    const { rows } = await client.query('SELECT max(price_cents) AS price FROM products')
    return rows[0]?.price
  })
}

/** Without anybody's help: the server ends what was begun. */
async function opensByItself(): Promise<void> {
  await waitUntil(price, { what: 'a connection to the shop' })
  await waitUntil(async () => !(await port.observe()).swapRunning, { what: 'the end of the swap' })
}

async function databases(): Promise<string[]> {
  const rows = await shop.postgres.query<{ datname: string }>(
    'postgres',
    `SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1`,
  )
  return rows.map(({ datname }) => datname)
}

/** The shop is damaged again, and nothing else is there. */
async function startOver(id: string): Promise<void> {
  const restore = { id, checkpoint: 'c1' }
  if (stageOf(await port.observe(), id) === 'swapped') await port.undoSwap(restore)
  await port.dropBeside(restore)
  await port.unfreezeWrites()
  expect(await price()).toBe(1)
  expect(await databases()).toEqual(['shop'])
}

describe('killed on the way, and gone on with', () => {
  const points = [
    'build-beside/cleared',
    'build-beside/created',
    'build-beside/marked',
    'build-beside/restored',
    'verify-beside/compared',
    'carry-over/properties',
    'carry-over/sequences',
    'carry-over/analyzed',
    'swap/paused',
    'swap/alone',
    'swap/sequences-moved',
    'swap/ready',
    'swap/renamed',
    'swap/resumed',
  ]
  test.each(sampled(points))('at %s', async (point) => {
    const id = point.replace(/\W/g, '-').slice(-16).replace(/^-+/, '')
    await killAt(point, id, FORWARD)
    await opensByItself()
    await restoreWhole(port, taken, id)
    const view = await port.observe()
    expect(stageOf(view, id)).toBe('swapped')
    expect(view.damaged).toMatchObject([{ allowsConnections: true }])
    const connection = onDatabase(parseConnection(shop.adminUrl), 'shop')
    const content = await withSession(connection, 'test', (session) =>
      inTransaction(session, () => describeContent(session), 'isolation level repeatable read'),
    )
    expect(compareContent(taken.checkpoint.content, content, { reparsed: true })).toEqual([])
    await startOver(id)
  })
})

describe('killed on the way, and taken back', () => {
  const points = ['build-beside/restored', 'swap/alone', 'swap/sequences-moved', 'swap/ready', 'swap/renamed']
  test.each(sampled(points))('at %s', async (point) => {
    const id = `b-${point.replace(/\W/g, '-')}`.slice(0, 16)
    await killAt(point, id, FORWARD)
    await opensByItself()
    if (point === points[0]) await killAt('drop-beside/dropped', id, ['drop'])
    await startOver(id)
  })
})

describe('killed while it is taken back', () => {
  const points = ['undo-swap/alone', 'undo-swap/sequences-moved', 'undo-swap/ready', 'undo-swap/renamed']
  test.each(sampled(points))('at %s', async (point) => {
    const id = `u-${point.slice(10)}`.slice(0, 16)
    const restore = await prepareRestore(port, taken, id)
    await port.swap(restore)
    await killAt(point, id, ['undo'])
    await opensByItself()
    await port.undoSwap(restore)
    expect(stageOf(await port.observe(), id)).toBe('undone')
    await startOver(id)
  })
})

test.each(['freeze-writes/set', 'freeze-writes/ended'])(
  'killed at %s: seen, and taken back',
  async (point) => {
    await killAt(point, 'f1', ['freeze'])
    expect((await port.observe()).live?.mark).toMatchObject({ role: 'frozen', of: 'shop' })
    expect(await port.freezeWrites('again')).toMatchObject({ alreadyFrozen: true })
    expect(await port.unfreezeWrites()).toEqual({ unfrozen: ['shop'] })
    await startOver('f1')
  },
)

test('when the server itself went down in the middle: seen as shut, and opened by whoever comes next', async () => {
  const restore = await prepareRestore(port, taken, 's1')
  const { next } = await port.observe()
  const mark = next[0]?.mark
  if (mark === undefined) throw new Error('nothing was prepared')
  const comment = pg.escapeLiteral(writeMark({ ...mark, state: 'ready' }))
  await shop.postgres.query('postgres', `COMMENT ON DATABASE shop_next_s1 IS ${comment}`)
  for (const name of ['shop', 'shop_next_s1'])
    await shop.postgres.query('postgres', `ALTER DATABASE ${name} ALLOW_CONNECTIONS false`)
  await expect(price()).rejects.toThrow(/not currently accepting connections/)
  expect(isShut(await port.observe())).toBe(true)
  expect(await port.reopen()).toEqual({ reopened: true })
  expect(await price()).toBe(1)
  expect(await port.reopen()).toEqual({ reopened: false })
  expect(await port.swap(restore)).toMatchObject({ kept: expect.stringMatching(/^shop_bad_/) })
  await startOver('s1')
})
