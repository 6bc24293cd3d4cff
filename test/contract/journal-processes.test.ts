import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { createTempFolder } from '../fixtures/journal/samples.ts'
import { bundleChild } from '../support/bundle-child.ts'

const writer = await bundleChild(`import './test/fixtures/journal/writer.ts'`)
let folder: ReturnType<typeof createTempFolder>
let home: string
let children: ChildProcess[]

beforeEach(() => {
  folder = createTempFolder()
  home = join(folder.path, 'home')
  children = []
})
afterEach(async () => {
  await Promise.all(children.map(killAndWait))
  folder.remove()
})

it('takes events of several processes at once, each batch whole, none lost', async () => {
  const writers = [0, 1, 2].map(() => startWriter('batches', '40'))
  expect(await Promise.all(writers.map((one) => one.ended))).toEqual([0, 0, 0])
  const journal = openSqliteJournal({ home })
  expect(await journal.verify()).toMatchObject({ ok: true, events: 360 })
  const batches = (await journal.read()).map((event) => event.data)
  for (let first = 0; first < 360; first += 3) {
    expect(batches.slice(first, first + 3)).toEqual(Array(3).fill(batches[first]))
  }
  await journal.close()
})

it('lets one of two racing processes in at a time', async () => {
  const writers = ['ann', 'bob'].map((name) => startWriter('race', name))
  expect(await Promise.all(writers.map((one) => one.ended))).toEqual([0, 0])
  expect(writers.flatMap((one) => one.lines)).toEqual(Array(10).fill('LEASE_LOST'))
  const journal = openSqliteJournal({ home })
  const actors = (await journal.read()).map((event) => event.actor)
  expect(actors).toHaveLength(30)
  // A turn is three events in a row of one holder.
  const turns = actors.filter((_actor, index) => index % 3 === 0)
  expect(actors).toEqual(turns.flatMap((actor) => [actor, actor, actor]))
  expect(new Set(turns).size).toBe(10)
  expect((await journal.verify()).ok).toBe(true)
  expect(await journal.current('store')).toBeNull()
  await journal.close()
})

it('killed while it appends: what was acknowledged is there, only whole batches are, and the chain holds', async () => {
  let acknowledged = 0
  for (const batches of [1, 7, 20, 33]) {
    const one = startWriter('batches', '100000')
    await one.reached(batches)
    await killAndWait(one.child)
    acknowledged += one.lines.length
    const reader = openSqliteJournal({ home, readOnly: true })
    const events = await reader.read()
    await reader.close()
    const journal = openSqliteJournal({ home })
    expect(await journal.read()).toEqual(events)
    expect(events.length % 3).toBe(0)
    // The last one may have become durable without its word reaching us.
    expect(events.length / 3 - acknowledged).toBeOneOf([0, 1])
    acknowledged = events.length / 3
    expect(await journal.verify()).toMatchObject({ ok: true, events: events.length })
    await journal.close()
  }
})

it('killed while it holds the lease: the next is let in when it expires, not before', async () => {
  const one = startWriter('hold', 'ann')
  await one.reached(1)
  await killAndWait(one.child)
  const journal = openSqliteJournal({ home })
  expect(await journal.acquire('store', 'bob', 'resume', 1_000)).toMatchObject({
    ok: false,
    heldBy: { holder: 'ann', reason: 'hold' },
  })
  const later = openSqliteJournal({ home, clock: { now: () => Date.now() + 60_001 } })
  expect((await later.acquire('store', 'bob', 'resume', 1_000)).ok).toBe(true)
  expect(await later.verify()).toMatchObject({ ok: true, events: 1 })
  await Promise.all([journal.close(), later.close()])
})

function startWriter(role: string, argument: string) {
  const child = spawn(process.execPath, [writer, home, role, argument], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  const ended = once(child, 'close').then(([code]) => code)
  const reached = async (count: number) => {
    while (lines.length < count && child.exitCode === null) await Promise.race([once(reader, 'line'), ended])
    expect(lines.length).toBeGreaterThanOrEqual(count)
  }
  return { child, lines, ended, reached }
}

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
