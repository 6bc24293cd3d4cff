import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wayBack } from '../../src/domain/proof.ts'
import { openRehearsalRig, type RehearsalRig } from '../support/rehearsal-rig.ts'

const CHILD = fileURLToPath(new URL('../support/rehearse-in-child.ts', import.meta.url))
const FIRST = `CREATE TABLE products (id serial PRIMARY KEY, name text NOT NULL, legacy text, unused text, price int NOT NULL);
  CREATE TABLE orders (id bigserial PRIMARY KEY, product_id int REFERENCES products, note text NOT NULL DEFAULT '');
  INSERT INTO products (name, legacy, price) SELECT 'p' || n, 'old ' || n, n FROM generate_series(1, 1000) n;
  INSERT INTO orders (product_id, note) SELECT 1 + n % 1000, 'n' FROM generate_series(1, 500) n;`
const ORDER = 'INSERT INTO orders (product_id) VALUES (1)'

let rig: RehearsalRig

/** Each test has a release of its own after r1, whose migrations are the only ones beside r1's. */
const openRig = async () => {
  rig = await openRehearsalRig('SELECT 1')
  await rig.release('r1', {
    migrations: { '001_first.sql': FIRST, '001_first.down.sql': 'DROP TABLE orders, products' },
    smoke: [ORDER, 'SELECT legacy FROM products LIMIT 1'],
  })
  await rig.postgres.query(
    'shop',
    `${FIRST} CREATE TABLE lastgood_migrations (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text NOT NULL UNIQUE, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());`,
  )
  const { createHash } = await import('node:crypto')
  const checksum = createHash('sha256').update(FIRST).digest('hex')
  await rig.postgres.query(
    'shop',
    `INSERT INTO lastgood_migrations (name, checksum) VALUES ('001_first', '${checksum}')`,
  )
  await rig.checkpoint()
}
beforeAll(openRig)
afterAll(() => rig?.[Symbol.asyncDispose]())

let next = 1
async function rehearse(up: string, down: string | null, smoke: string[], changes = {}) {
  const id = `r${++next}`
  const files = { '002_next.sql': up, '002_next.down.sql': down ?? '-- none' }
  await rig.release(id, { migrations: files, smoke, ...changes })
  return rig.rehearse(id, 'r1')
}

describe('a rehearsal', () => {
  it('proves a way down that takes nothing with it, and leaves nothing behind', async () => {
    const live = await rig.postgres.query('shop', 'SELECT count(*) FROM orders')
    const proof = await rehearse(
      'ALTER TABLE products ADD COLUMN rating int; CREATE INDEX products_name ON products (name)',
      'DROP INDEX products_name; ALTER TABLE products DROP COLUMN rating',
      [ORDER, 'SELECT rating FROM products LIMIT 1'],
    )
    expect(proof.newRelease).toMatchObject({ outcome: 'passed' })
    expect(proof.oldCodeOnNewSchema).toMatchObject({ outcome: 'passed' })
    expect(proof.down).toEqual({
      kind: 'reversible',
      why: null,
      ms: expect.any(Number),
      lost: [],
      differences: [],
    })
    expect(proof.copy).toEqual({ kind: 'full', checkpoint: 'c1', why: null })
    expect(proof.up).toEqual([
      {
        name: '002_next.sql',
        ms: expect.any(Number),
        locks: [{ table: 'public.products', mode: 'AccessExclusiveLock', ms: expect.any(Number) }],
      },
    ])
    expect(wayBack(proof)).toEqual({ ok: true, because: 'r1 runs on the new schema' })
    expect(await rig.leftOvers()).toEqual([])
    expect(await rig.postgres.query('shop', 'SELECT count(*) FROM orders')).toEqual(live)
  })

  it('counts what goes with the way down', async () => {
    const proof = await rehearse(
      'ALTER TABLE orders ADD COLUMN gift text; CREATE TABLE reviews (id serial PRIMARY KEY, body text)',
      'DROP TABLE reviews; ALTER TABLE orders DROP COLUMN gift',
      [
        `INSERT INTO orders (product_id, gift) SELECT 1, 'bow' FROM generate_series(1, 3)`,
        `INSERT INTO reviews (body) VALUES ('a'), ('b')`,
      ],
    )
    expect(proof.down.kind).toBe('lossy')
    expect(proof.down.lost).toMatchObject([
      { what: 'the values in public.orders.gift', rows: 3 },
      { what: 'the rows of public.reviews', rows: 2 },
    ])
    expect(proof.down.differences).toEqual([])
  })

  it('says that there is no way down', async () => {
    const proof = await rehearse('ALTER TABLE products DROP COLUMN legacy', null, ['SELECT 1'])
    expect(proof.down).toMatchObject({ kind: 'impossible', why: expect.stringContaining('002_next.sql') })
    expect(proof.oldCodeOnNewSchema?.outcome).toBe('failed')
    expect(proof.oldCodeOnNewSchema?.checks.find(({ name }) => name === 'smoke 1')?.outcome).toBe('failed')
    expect(wayBack(proof)).toMatchObject({
      ok: false,
      because: expect.stringContaining('r1 does not run on the new schema'),
    })
  })

  const NULLABLE = 'ALTER TABLE orders ALTER COLUMN note DROP NOT NULL'
  const NOT_NULL = 'ALTER TABLE orders ALTER COLUMN note SET NOT NULL'
  it('catches a way down that fails on rows the new release has written', async () => {
    const without = await rehearse(NULLABLE, NOT_NULL, [ORDER])
    expect(without.down.kind).toBe('reversible')
    const proof = await rehearse(NULLABLE, NOT_NULL, [
      'INSERT INTO orders (product_id, note) VALUES (1, NULL)',
    ])
    expect(proof.down).toMatchObject({ kind: 'impossible', why: expect.stringMatching(/null values/) })
  })

  it('catches values that a column is given back without, and does not mind where the column stands', async () => {
    const drop = (column: string) => `ALTER TABLE products DROP COLUMN ${column}`
    const add = (column: string) => `ALTER TABLE products ADD COLUMN ${column} text`
    const empty = await rehearse(drop('unused'), add('unused'), ['SELECT 1'])
    expect(empty.down).toMatchObject({ kind: 'reversible', lost: [], differences: [] })
    const proof = await rehearse(drop('legacy'), add('legacy'), ['SELECT 1'])
    expect(proof.down).toMatchObject({
      kind: 'impossible',
      differences: [
        'column public.products.legacy: 1000 of 1000 values that were there before are gone for good',
      ],
    })
  })

  it('takes a column that was put aside and comes back for what it was', async () => {
    const proof = await rehearse(
      'ALTER TABLE products RENAME COLUMN legacy TO parked',
      'ALTER TABLE products RENAME COLUMN parked TO legacy',
      [ORDER],
    )
    expect(proof.down).toMatchObject({ kind: 'reversible', lost: [], differences: [] })
  })

  it('catches a way down that forgets something', async () => {
    const proof = await rehearse(
      'ALTER TABLE products ADD CONSTRAINT dear CHECK (price >= 0); CREATE INDEX by_price ON products (price)',
      'ALTER TABLE products DROP CONSTRAINT dear',
      [ORDER],
    )
    expect(proof.down).toMatchObject({
      kind: 'impossible',
      differences: ['index public.by_price should not be there'],
    })
  })

  it('stops a release that goes to the live database whatever it is told', async () => {
    const proof = await rehearse('SELECT 1', 'SELECT 1', [ORDER], { stubborn: rig.place.url })
    expect(proof.newRelease).toMatchObject({ outcome: 'failed', checks: [{ name: 'database copy' }] })
  })

  it('does not start a release that nothing leads to the copy', async () => {
    const proof = await rehearse('SELECT 1', 'SELECT 1', [ORDER], { env: { DATABASE_URL: null } })
    expect(proof.newRelease).toMatchObject({ outcome: 'unknown', checks: [{ name: 'database copy' }] })
  })

  it('refuses a release that cannot go up, and leaves nothing', async () => {
    await expect(rehearse('ALTER TABLE nothing ADD x int', 'SELECT 1', [ORDER])).rejects.toMatchObject({
      code: 'REHEARSAL_FAILED',
      message: expect.stringContaining('"nothing" does not exist'),
    })
    expect(await rig.leftOvers()).toEqual([])
  })

  it('tries on the schema with generated rows where a full copy does not fit', async () => {
    await rig.release('r90', {
      migrations: {
        '002_next.sql': 'ALTER TABLE orders ADD COLUMN gift text',
        '002_next.down.sql': 'ALTER TABLE orders DROP COLUMN gift',
      },
      smoke: [`INSERT INTO orders (product_id, gift) VALUES (1, 'bow')`],
    })
    const proof = await rig.rehearse('r90', 'r1', {
      freeSpace: async () => ({ path: '/', bytes: 1_000_000 }),
    })
    expect(proof.copy).toMatchObject({ kind: 'schema-only', why: expect.stringContaining('1 MB are free') })
    expect(proof.down).toMatchObject({
      kind: 'lossy',
      lost: [{ what: 'the values in public.orders.gift', rows: 1 }],
    })
  })

  it.each(['rehearse/created', 'rehearse/restored', 'rehearse/booted', 'rehearse/down'])(
    'removes what a rehearsal that was killed at %s has left',
    async (at) => {
      await rig.release('r91', {
        migrations: { '002_next.sql': 'CREATE TABLE x (id int)', '002_next.down.sql': 'DROP TABLE x' },
        smoke: [ORDER],
      })
      const order = JSON.stringify({ place: rig.place, at, release: 'r91', back: 'r1' })
      const ended = await new Promise((resolve) => {
        execFile(process.execPath, ['--import', 'tsx', CHILD, order], (error, _stdout, stderr) =>
          resolve(error?.signal ?? stderr),
        )
      })
      expect(ended).toBe('SIGKILL')
      const left = await rig.leftOvers()
      expect(left.some((name) => name.startsWith('lastgood_rehearse_c1_'))).toBe(true)
      expect(left.includes('shop+rehearsal-r1')).toBe(at === 'rehearse/booted')
      // Of another pair: what r1 has left is not stopped by the way.
      await rig.rehearse('r91', null)
      expect(await rig.leftOvers()).toEqual([])
    },
  )

  it('rehearses what serves already on the rows of today', async () => {
    await rig.release('r92', {
      migrations: {
        '002_next.sql': 'ALTER TABLE orders ADD COLUMN gift text; CREATE TABLE reviews (body text)',
        '002_next.down.sql': 'ALTER TABLE orders DROP COLUMN gift; DROP TABLE reviews',
      },
      smoke: ['SELECT gift FROM orders LIMIT 1'],
    })
    const { openRehearsals } = await import('../support/rehearsal-rig.ts')
    const ports = openRehearsals(rig.place)
    const { directory, env } = await ports.store.launchRecord('shop', 'r92')
    const schema = await ports.migrations.describe({ directory, env })
    if (schema === null) throw new Error('it has migrations')
    await ports.migrations.up({ files: { directory, env }, schema, signal: new AbortController().signal })
    await rig.postgres.query('shop', `UPDATE orders SET gift = 'bow' WHERE id <= 40`)
    await rig.checkpoint()
    const proof = await rig.rehearse('r92', 'r1')
    expect(proof.copy.checkpoint).toBe('c2')
    expect(proof.down).toMatchObject({
      kind: 'lossy',
      differences: [],
      lost: [{ what: 'the values in public.orders.gift', rows: 40 }],
    })
    expect(proof.up.map(({ name }) => name)).toEqual(['002_next.sql'])
  })

  it('goes down over what a deploy that failed has left applied as well, because a rollback would', async () => {
    await rig.release('r93', {
      migrations: {
        '003_more.sql': 'ALTER TABLE products ADD COLUMN rating int',
        '003_more.down.sql': 'ALTER TABLE products DROP COLUMN rating',
      },
      smoke: ['SELECT rating FROM products LIMIT 1'],
    })
    const proof = await rig.rehearse('r93', 'r1')
    expect(proof.up.map(({ name }) => name)).toEqual(['002_next.sql', '003_more.sql'])
    expect(proof.down).toMatchObject({
      kind: 'lossy',
      differences: [],
      lost: [{ what: 'the values in public.orders.gift', rows: 40 }],
    })
  })
})
