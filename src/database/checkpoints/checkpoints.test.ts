import { appendFile, chmod, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import { checkpointsOf, openShop, SHOP } from '../../../test/support/checkpoint-shop.ts'
import { parseConnection } from '../postgres/connection.ts'
import { withSession } from '../postgres/session.ts'
import { createCheckpoints } from './file-checkpoints.ts'
import type { CheckpointParts } from './parts.ts'

// Other programs do the work, and the machine may be busy.
vi.setConfig({ testTimeout: 90_000 })

let lab: Lab
let postgres: Postgres
beforeAll(async () => {
  lab = await openLab({ name: 'checkpoints' })
  postgres = await lab.postgres()
})
afterAll(() => lab.close())

const signal = new AbortController().signal
const run = (url: string, sql: string) =>
  withSession(parseConnection(url), 'test', (session) => session.query(sql))

const asked = { id: null, release: 'r1', migrations: ['001'], reason: 'test', template: null, signal }

const databases = async () =>
  (await postgres.query<{ datname: string }>('postgres', 'SELECT datname FROM pg_database')).map(
    ({ datname }) => datname,
  )
const trials = async () => (await databases()).filter((name) => name.startsWith('lastgood_verify'))

test('what is written down is what is restored, with everything that a shop has', async () => {
  const { checkpoints, folder } = await openShop(lab, postgres, 'shop "one"; --')
  const checkpoint = await checkpoints.create(asked)
  expect(checkpoint).toMatchObject({
    id: 'c1',
    database: 'shop "one"; --',
    release: 'r1',
    migrations: ['001'],
  })
  expect(checkpoint.content.tables.map(({ name, rows }) => `${name} ${rows}`)).toEqual([
    'Odd; table 1',
    'customers 200',
    'days_2026 1',
    'no_key 5',
    'no_rows 0',
    'orders 3000',
  ])
  expect(checkpoint.content.largeObjects).toBe(1)
  expect(Number(checkpoint.snapshotXmin)).toBeGreaterThan(3)
  const modes = await Promise.all(
    ['', 'c1', 'c1/dump', 'c1/dump/toc.dat', 'c1/checkpoint.json'].map(
      async (path) => (await stat(join(folder, path))).mode & 0o777,
    ),
  )
  expect(modes).toEqual([0o700, 0o700, 0o700, 0o600, 0o600])

  const verification = await checkpoints.verify('c1', { signal })
  expect(verification.differences).toEqual([])
  expect(verification.ok).toBe(true)
  expect(await trials()).toEqual([])
  expect(await readdir(join(folder, 'c1'))).toEqual(['checkpoint.json', 'dump', 'verification.json'])
  const [kept] = await checkpoints.list()
  expect(kept).toMatchObject({ id: 'c1', readable: true, verification: { ok: true } })
})

test('dump and record agree to the row while others write', async () => {
  const { checkpoints, url } = await openShop(lab, postgres, 'busy')
  let writing = true
  const writer = withSession(parseConnection(url), 'writer', async (session) => {
    let written = 0
    for (; writing; written++) {
      await session.query(
        'INSERT INTO orders (customer, total) VALUES (1, 5); UPDATE customers SET name = name || 1 WHERE id = 7',
      )
    }
    return written
  })
  const checkpoint = await checkpoints.create(asked).finally(() => {
    writing = false
  })
  expect(await writer).toBeGreaterThan(10)
  expect((await checkpoints.verify(checkpoint.id, { signal })).differences).toEqual([])
})

test('no password is in the arguments or the environment of a program, whatever is in it', async () => {
  const password = 'p:w\\d \'%#"'
  await postgres.query('postgres', `CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'p:w\\d ''%#"'`)
  const { url } = await openShop(lab, postgres, 'secret')
  const { host } = new URL(url)
  const own = `postgres://keeper:${encodeURIComponent(password)}@${host}/secret`
  const { checkpoints, commands, folder } = checkpointsOf(lab, 'secret', own)
  await checkpoints.create(asked)
  expect((await checkpoints.verify('c1', { signal })).ok).toBe(true)
  expect(commands.map(({ program }) => program.split('/').at(-1))).toEqual([
    'pg_dump',
    'pg_restore',
    'pg_restore',
  ])
  for (const { program, args, env } of commands) {
    expect(JSON.stringify([program, args, env])).not.toContain('w\\\\d')
    expect(env.PGPASSWORD).toBeUndefined()
    expect(env.PGPASSFILE).toMatch(/\.passfile-/)
  }
  expect((await readdir(folder, { recursive: true })).filter((name) => name.includes('passfile'))).toEqual([])
})

test('a file that is cut off, changed or gone is found before anything is restored', async () => {
  const { checkpoints, folder } = await openShop(lab, postgres, 'damaged')
  await checkpoints.create(asked)
  const dump = join(folder, 'c1', 'dump')
  const largest = (await readdir(dump)).find((file) => file.endsWith('.dat.gz')) ?? 'none'
  const whole = await readFile(join(dump, largest))
  const damages: [(file: string) => Promise<void>, RegExp][] = [
    [(file) => truncate(file, 10), /has 10 bytes, not \d+/],
    [flipLastByte, /was changed/],
    [(file) => rm(file), /is not there/],
  ]
  for (const [damage, words] of damages) {
    await damage(join(dump, largest))
    const verification = await checkpoints.verify('c1', { signal })
    expect(verification).toMatchObject({ ok: false, differences: [expect.stringMatching(words)] })
    expect(await checkpoints.checkFiles('c1')).toHaveLength(1)
    expect(await checkpoints.newestGood()).toBeNull()
    await writeFile(join(dump, largest), whole)
  }
})

async function flipLastByte(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  await chmod(file, 0o600)
  await writeFile(file, bytes)
}

test('a record that is cut off, and a file too many', async () => {
  const { checkpoints, folder } = await openShop(lab, postgres, 'record')
  await checkpoints.create(asked)
  await appendFile(join(folder, 'c1', 'dump', 'more.dat'), 'x')
  expect(await checkpoints.checkFiles('c1')).toEqual(['dump/more.dat does not belong there'])
  await truncate(join(folder, 'c1', 'checkpoint.json'), 500)
  await expect(checkpoints.get('c1')).rejects.toMatchObject({ code: 'CHECKPOINT_DAMAGED' })
  expect(await checkpoints.list()).toMatchObject([{ id: 'c1', readable: false }])
  await expect(checkpoints.get('c9')).rejects.toMatchObject({ code: 'UNKNOWN_CHECKPOINT' })
  await expect(checkpoints.get('../c1')).rejects.toMatchObject({ code: 'UNKNOWN_CHECKPOINT' })
})

test('a restore that differs from the record is told by table, row and object', async () => {
  const { checkpoints, folder } = await openShop(lab, postgres, 'differs')
  await checkpoints.create(asked)
  const path = join(folder, 'c1', 'checkpoint.json')
  const record = JSON.parse(await readFile(path, 'utf8'))
  for (const table of record.content.tables) {
    if (table.name === 'orders') table.rows = 3001
    if (table.name === 'customers') table.hash = '7'
  }
  record.content.catalog.push({ kind: 'index', name: 'public.lost', definition: 'x' })
  record.content.sequences[0].lastValue = '999999'
  await writeFile(path, JSON.stringify(record))
  const { ok, differences } = await checkpoints.verify('c1', { signal })
  expect(ok).toBe(false)
  expect(differences).toEqual([
    'table public.customers has the same 200 rows by number, and others by content',
    'table public.orders has 3000 rows, not 3001',
    expect.stringMatching(/^sequence public\.\w+ is at \d+, not at 999999$/),
    'index public.lost is not there',
  ])
  expect(await trials()).toEqual([])
})

test('errors that say what to do, and leave nothing behind', async () => {
  const { url, checkpoints, folder, parts } = await openShop(lab, postgres, 'errors')
  const create = (more: Partial<CheckpointParts>) => createCheckpoints({ ...parts, ...more }).create(asked)
  const { host, username, password } = new URL(url)
  const base = `postgres://${username}:${password}@`
  await expect(create({ url: `${base}127.0.0.1:1/errors` })).rejects.toMatchObject({ code: 'DB_UNREACHABLE' })
  await expect(create({ url: `${base}nowhere.invalid/errors` })).rejects.toMatchObject({
    code: 'DB_UNREACHABLE',
  })
  await expect(create({ url: `postgres://${username}:wrong@${host}/errors` })).rejects.toMatchObject({
    code: 'DB_LOGIN_REFUSED',
  })
  await expect(create({ url: `${base}${host}/not_there` })).rejects.toMatchObject({ code: 'DB_NOT_THERE' })
  const freeSpace = async (path: string) => ({ path, bytes: 1_000_000 })
  await expect(create({ freeSpace })).rejects.toMatchObject({
    code: 'CHECKPOINT_NO_SPACE',
    params: { path: folder, free: '1 MB' },
  })
  expect(await checkpoints.list()).toEqual([])

  await run(
    url,
    `CREATE ROLE poor LOGIN PASSWORD 'poor'; CREATE ROLE seller; ALTER TABLE orders OWNER TO seller`,
  )
  const poor = `postgres://poor:poor@${host}/errors`
  await expect(create({ url: poor })).rejects.toMatchObject({
    code: 'DB_NOT_ALLOWED',
    params: { user: 'poor' },
  })
  expect((await readdir(folder)).sort()).toEqual(['.last-id'])

  const { id } = await checkpoints.create(asked)
  expect(id).toBe('c2')
  const verify = (more: Partial<CheckpointParts>) =>
    createCheckpoints({ ...parts, ...more }).verify(id, { signal })
  await expect(verify({ url: poor })).rejects.toMatchObject({ code: 'DB_NOT_ALLOWED' })
  await run(url, 'ALTER ROLE seller RENAME TO seller2')
  await expect(checkpoints.verify(id, { signal })).rejects.toMatchObject({
    code: 'DB_ROLE_MISSING',
    params: { roles: 'seller', checkpoint: id },
  })
  await run(url, 'ALTER ROLE seller2 RENAME TO seller')
  const path = join(folder, id, 'checkpoint.json')
  const record = await readFile(path, 'utf8')
  const changed = async (from: string | RegExp, to: string) => writeFile(path, record.replace(from, to))
  await changed('"name": "hstore",\n    "version": "', '"name": "hstore",\n    "version": "99.')
  await expect(checkpoints.verify(id, { signal })).rejects.toMatchObject({
    code: 'DB_EXTENSION_MISSING',
    params: { extensions: expect.stringContaining('hstore 99.') },
  })
  await changed(/"serverVersion": \d+/, '"serverVersion": 990001')
  await expect(checkpoints.verify(id, { signal })).rejects.toMatchObject({
    code: 'DB_CLIENT_TOO_OLD',
    params: { program: 'pg_restore', major: 99 },
  })
  // None of them is a verdict on the checkpoint.
  await writeFile(path, record)
  expect((await checkpoints.newestGood())?.id).toBe(id)
  expect(await checkpoints.verify(id, { signal })).toMatchObject({ ok: true })
  expect(await trials()).toEqual([])
})

test('interrupted, it leaves nothing', async () => {
  const { checkpoints, folder } = await openShop(lab, postgres, 'interrupted')
  const abort = new AbortController()
  abort.abort()
  await expect(checkpoints.create({ ...asked, signal: abort.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(await readdir(folder)).toEqual(['.last-id'])
  await checkpoints.create(asked)
  await expect(checkpoints.verify('c2', { signal: abort.signal })).rejects.toMatchObject({
    code: 'INTERRUPTED',
  })
  expect(await trials()).toEqual([])
})

test('asked twice for the same one it is made once; pruned ids are never given again', async () => {
  const { checkpoints } = await openShop(lab, postgres, 'twice')
  const id = await checkpoints.nextId()
  const first = await checkpoints.create({ ...asked, id })
  expect(await checkpoints.create({ ...asked, id })).toEqual(first)
  for (const release of ['r1', 'r2', 'r2', 'r3']) await checkpoints.create({ ...asked, release })
  expect((await checkpoints.planPrune(['r1'])).map((retired) => retired.id)).toEqual(['c1', 'c3'])
  const pruned = await checkpoints.prune(['r1'])
  expect(pruned.removed.map((retired) => retired.id)).toEqual(['c1', 'c3'])
  expect(pruned.leftOvers).toEqual([])
  expect((await checkpoints.list()).map((kept) => kept.id)).toEqual(['c2', 'c4', 'c5'])
  expect(await checkpoints.nextId()).toBe('c6')
})

test('works on a database whose writes are frozen, with limits set for its role', async () => {
  const { checkpoints, url } = await openShop(lab, postgres, 'frozen')
  await run(
    url,
    `ALTER DATABASE frozen SET default_transaction_read_only = on; ALTER DATABASE frozen SET statement_timeout = '20ms';
     ALTER DATABASE frozen SET idle_in_transaction_session_timeout = '5ms'`,
  )
  const checkpoint = await checkpoints.create(asked)
  expect(checkpoint.properties.settings).toContainEqual({
    role: null,
    setting: 'default_transaction_read_only=on',
  })
  expect(await checkpoints.verify('c1', { signal })).toMatchObject({ ok: true })
})

test('works for an owner that is no superuser, and for a database that is the only one', async () => {
  await run(postgres.url('postgres'), `CREATE ROLE owner LOGIN CREATEDB PASSWORD 'owner'`)
  await run(postgres.url('postgres'), 'CREATE DATABASE owned OWNER owner')
  const { host } = new URL(postgres.url('owned'))
  const url = `postgres://owner:owner@${host}/owned`
  await run(url, SHOP)
  const { checkpoints } = checkpointsOf(lab, 'owned', url)
  await checkpoints.create(asked)
  await run(
    postgres.url('owned'),
    'ALTER DATABASE postgres ALLOW_CONNECTIONS false; ALTER DATABASE template1 ALLOW_CONNECTIONS false',
  )
  try {
    expect((await checkpoints.verify('c1', { signal })).differences).toEqual([])
  } finally {
    await run(
      postgres.url('owned'),
      'ALTER DATABASE postgres ALLOW_CONNECTIONS true; ALTER DATABASE template1 ALLOW_CONNECTIONS true',
    )
  }
})
