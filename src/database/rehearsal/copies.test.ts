import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openShop, type Shop, withClient } from '../../../lab/database/open-shop.ts'
import { type TakenCheckpoint, takeCheckpoint } from '../../../lab/database/take-checkpoint.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import { ExecaRunner } from '../../command-runner/execa-runner.ts'
import { createTrialDatabases } from './create-trial-databases.ts'
import type { TrialParts } from './parts.ts'

let lab: Lab
let shop: Shop
let taken: TakenCheckpoint
beforeAll(async () => {
  lab = await openLab({ name: 'copies' })
  shop = await openShop(await lab.postgres(), `sh'op "1"`)
  taken = await takeCheckpoint(shop, join(lab.dir, 'c1'))
})
afterAll(() => lab?.close())

const { signal } = new AbortController()
const open = (changes: Partial<TrialParts> = {}) =>
  createTrialDatabases({
    service: 'shop',
    url: shop.url,
    adminUrl: shop.adminUrl,
    pooled: false,
    folderOf: () => taken.folder,
    jobs: 2,
    runner: new ExecaRunner(),
    env: process.env,
    crash: () => {},
    ...changes,
  })
const copies = async () => {
  const rows = await shop.postgres.query<{ datname: string }>(
    'postgres',
    "SELECT datname FROM pg_database WHERE datname LIKE 'lastgood%'",
  )
  return rows.map(({ datname }) => datname)
}

describe('a private copy', () => {
  it('is reached as the service is, with its settings, and by nobody who may not reach the original', async () => {
    await open().withCopy(taken.checkpoint, { signal }, async (copy) => {
      expect(copy).toMatchObject({ kind: 'full', why: null })
      expect(new URL(copy.url).username).toBe('shop_owner')
      const [row] = (
        await withClient(copy.url, (client) =>
          client.query(`SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS timeout,
              has_database_privilege('shop_reader', current_database(), 'CONNECT') AS reader,
              (SELECT count(*)::int FROM pg_database, aclexplode(datacl)
                WHERE datname = current_database() AND grantee = 0 AND privilege_type = 'CONNECT') AS everybody,
              (SELECT count(*)::int FROM orders) AS orders`),
        )
      ).rows
      expect(row).toEqual({
        path: '"$user", public, "odd, one"',
        timeout: '30s',
        reader: true,
        everybody: 0,
        orders: 500,
      })
    })
    expect(await copies()).toEqual([])
  })

  it('is dropped when the work fails, also while somebody is connected', async () => {
    const work = open().withCopy(taken.checkpoint, { signal }, async (copy) =>
      withClient(copy.url, async () => {
        throw new Error('the work failed')
      }),
    )
    await expect(work).rejects.toThrow('the work failed')
    expect(await copies()).toEqual([])
  })

  it('is one at a time, and never taken for a stray one while its rehearsal lives', async () => {
    await open().withCopy(taken.checkpoint, { signal }, async (copy) => {
      await expect(open().dropStrays()).rejects.toMatchObject({ code: 'REHEARSAL_RUNNING' })
      const second = open().withCopy(taken.checkpoint, { signal }, async () => {})
      await expect(second).rejects.toMatchObject({ code: 'REHEARSAL_RUNNING' })
      expect(await copies()).toEqual([copy.name])
    })
  })

  it('leaves databases alone that only look like one', async () => {
    const others = ['lastgood_rehearse_c1', 'lastgood_rehearse_c1_00000000']
    for (const name of others) await shop.postgres.createDatabase(name)
    await shop.postgres.query('postgres', "COMMENT ON DATABASE lastgood_rehearse_c1_00000000 IS 'mine'")
    expect(await open().dropStrays()).toEqual([])
    await shop.postgres.query('postgres', 'COMMENT ON DATABASE lastgood_rehearse_c1_00000000 IS NULL')
    expect(await open().dropStrays()).toEqual(['lastgood_rehearse_c1_00000000'])
    await shop.postgres.dropDatabase('lastgood_rehearse_c1')
  })

  it('has the schema and rows of some kind where all of it does not fit', async () => {
    const large = { ...taken.checkpoint, content: { ...taken.checkpoint.content } }
    large.content.tables = large.content.tables.map((table) =>
      table.name === 'products' ? { ...table, bytes: 5e9 } : table,
    )
    const freeSpace = async () => ({ path: '/', bytes: 1e9 })
    await open({ freeSpace }).withCopy(large, { signal }, async (copy) => {
      expect(copy.kind).toBe('schema-only')
      expect(copy.why).toContain('a full copy needs 9.')
      const { content } = await copy.content([])
      const rows = Object.fromEntries(content.tables.map(({ name, rows }) => [name, rows]))
      // visits has no foreign key and is small; orders refers to products, which is too large, and a check takes
      // only some of the rows that are tried.
      expect(rows).toMatchObject({ visits: 500, products: 20, orders: 3 })
    })
  })

  it('tells a release that connects to it from one that goes to the live database', async () => {
    await open().withCopy(taken.checkpoint, { signal }, async (copy) => {
      const watch = copy.watchSessions()
      expect(await watch.look()).toEqual({ onCopy: false, onLive: false })
      await withClient(copy.url, async () => expect((await watch.look()).onCopy).toBe(true))
      const { PGAPPNAME = '' } = copy.environment({}).env
      const url = `${shop.url}?application_name=${encodeURIComponent(PGAPPNAME)}`
      await withClient(url, async () => expect((await watch.look()).onLive).toBe(true))
      expect(await watch.end()).toEqual({ onCopy: true, onLive: true })
    })
  })
})
