import { once } from 'node:events'
import type { AddressInfo, Socket } from 'node:net'
import { createConnection, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { withClient } from '../../../lab/database/open-shop.ts'
import { type Lab, openLab } from '../../../lab/open-lab.ts'
import type { Postgres } from '../../../lab/postgres/start-postgres.ts'
import type { Invariants } from '../../ports/invariants.ts'
import { createInvariants } from './create-invariants.ts'

let lab: Lab
let postgres: Postgres
let invariants: Invariants
beforeAll(async () => {
  lab = await openLab({ name: 'invariants' })
  postgres = await lab.postgres()
  invariants = createInvariants({ url: await postgres.createDatabase('shop') })
  await postgres.query('shop', 'create table stock (amount int); insert into stock values (3), (-1), (-2)')
})
afterAll(async () => {
  await invariants?.close()
  await lab?.close()
})

const check = (sql: string, timeoutMs = 20_000) =>
  invariants.check({ name: 'it', sql, everyMs: 1, timeoutMs })
const judged = async (sql: string, timeoutMs?: number) => {
  const { outcome, evidence } = await check(sql, timeoutMs)
  return `${outcome}: ${evidence}`
}

test.each([
  ['select 0', 'passed: 0'],
  ['select 0.00::numeric', 'passed: 0'],
  ['select count(*) from stock where amount > 9; ', 'passed: 0'],
  ['select count(*) from stock where amount < 0 -- below', 'failed: 2, and 0 is well'],
  ['with a as (select sum(amount) from stock) select * from a', 'passed: 0'],
  ['select -0.5', 'failed: -0.5, and 0 is well'],
  ['select true', 'passed: true'],
  ['values (1 > 2)', 'failed: false, and true is well'],
  ['select sum(amount) from stock where amount > 9', 'unknown: it answered NULL: use coalesce()'],
  ['select 0, 0', 'unknown: it has 2 columns and must have one'],
  ['select from stock limit 1', 'unknown: it has 0 columns and must have one'],
  ['select 1 where false', 'unknown: it answered no row and must answer one'],
  ['select amount from stock', 'unknown: it answered more than one row: count them in the query'],
  ["select '0'", 'unknown: it answered no number and no true or false'],
  ["select 'NaN'::float", 'unknown: it answered no number and no true or false'],
  ['select count(*) from nowhere', 'unknown: 42P01: relation "nowhere" does not exist'],
  ['selec 1', 'unknown: 42601: syntax error at or near "1"'],
  ['select 0; drop table stock', 'unknown: 42601: syntax error at or near ";"'],
  ['select 0) as a; drop table stock; --', 'unknown: 42601: syntax error at or near ")"'],
  ['select count(*) from pg_sleep(60)', 'unknown: no answer within 100 ms'],
])('%s', async (sql, expected) => {
  expect(await judged(sql, expected.includes('100 ms') ? 100 : undefined)).toBe(expected)
})

test('writes nothing, whatever the query tries', async () => {
  await postgres.query(
    'shop',
    `create function clear() returns int language sql as 'delete from stock; select 0'`,
  )
  expect(await judged('select clear()')).toBe(
    'unknown: 25006: cannot execute DELETE in a read-only transaction',
  )
  expect(await judged('select count(*) - 3 from stock')).toBe('passed: 0')
})

test('a table that somebody has locked is not waited for longer than half of the time', async () => {
  await withClient(postgres.url('shop'), async (holder) => {
    await holder.query('begin; lock table stock')
    expect(await judged('select count(*) from stock', 200)).toBe(
      'unknown: 55P03: canceling statement due to lock timeout',
    )
    await holder.query('commit')
  })
})

test('one connection is kept, and made anew when it was lost: the database may be swapped under it', async () => {
  const pids = async () =>
    (
      await postgres.query<{ pid: number }>(
        'postgres',
        `select pid from pg_stat_activity where application_name = 'lastgood invariants'`,
      )
    ).map(({ pid }) => pid)
  await Promise.all([check('select 0'), check('select 0'), check('select 0')])
  const before = await pids()
  expect(before).toHaveLength(1)
  await postgres.query('postgres', 'select pg_terminate_backend($1)', before)
  await postgres.query('postgres', 'alter database shop rename to shop_bad')
  await postgres.createDatabase('shop')
  expect(await judged('select count(*) from stock')).toBe('unknown: 42P01: relation "stock" does not exist')
  const after = await pids()
  expect(after).toHaveLength(1)
  expect(after).not.toEqual(before)
})

test('a number is a number, or the reason why there is none', async () => {
  expect(await invariants.number('select 3', 20_000)).toBe(3)
  expect(await invariants.number('select count(*) from pg_database where false', 20_000)).toBe(0)
  await expect(invariants.number('select null::int', 20_000)).rejects.toMatchObject({
    code: 'DB_FAILED',
    params: { detail: 'it answered no number' },
  })
  await expect(invariants.number('select true', 20_000)).rejects.toMatchObject({ code: 'DB_FAILED' })
})

test('a server that is not there, or says nothing, tells nothing', async () => {
  const gone = createInvariants({ url: 'postgres://a@127.0.0.1:1/shop' })
  expect(await gone.check({ name: 'it', sql: 'select 0', everyMs: 1, timeoutMs: 20_000 })).toMatchObject({
    outcome: 'unknown',
    evidence: expect.stringContaining('ECONNREFUSED'),
  })
  await gone.close()
  const sockets: Socket[] = []
  const mute = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(mute, 'listening')
  const url = `postgres://a@127.0.0.1:${(mute.address() as AddressInfo).port}/shop?sslmode=disable`
  const silent = createInvariants({ url })
  expect(await silent.check({ name: 'it', sql: 'select 0', everyMs: 1, timeoutMs: 200 })).toMatchObject({
    outcome: 'unknown',
    evidence: expect.stringContaining('timeout expired'),
  })
  await silent.close()
  for (const socket of sockets) socket.destroy()
  mute.close()
})

test('one that falls silent in the middle is given up', async () => {
  const server = new URL(postgres.url('shop'))
  const port = Number(server.port)
  let deaf = false
  const between = createServer((client) => {
    const upstream = createConnection(port, server.hostname)
    client.on('data', (data) => void (deaf || upstream.write(data)))
    upstream.on('data', (data) => client.write(data))
    client.on('close', () => upstream.destroy())
    for (const each of [client, upstream]) each.on('error', () => {})
  }).listen(0, '127.0.0.1')
  await once(between, 'listening')
  server.port = String((between.address() as AddressInfo).port)
  const through = createInvariants({ url: server.href })
  const invariant = { name: 'it', sql: 'select 0', everyMs: 1, timeoutMs: 20_000 }
  expect(await through.check(invariant)).toMatchObject({ outcome: 'passed' })
  deaf = true
  expect(await through.check({ ...invariant, timeoutMs: 100 })).toMatchObject({
    outcome: 'unknown',
    evidence: 'no answer within 2100 ms, not even a refusal',
  })
  deaf = false
  expect(await through.check(invariant)).toMatchObject({ outcome: 'passed' })
  await through.close()
  between.close()
})
