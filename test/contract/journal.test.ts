import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportEvents } from '../../src/commands/export-events.ts'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Journal, Leases } from '../../src/ports/journal.ts'
import {
  createHandClock,
  createTempFolder,
  type HandClock,
  runEnded,
  variedEvents,
} from '../fixtures/journal/samples.ts'
import { createMemoryStore, openMemoryJournal } from '../support/memory-journal.ts'

/** Every call of `open` is another handle on the same journal. */
interface Bench {
  open(): Journal & Leases
  remove(): void
}

const adapters: Record<string, (clock: HandClock) => Bench> = {
  memory: (clock) => {
    const store = createMemoryStore()
    return { open: () => openMemoryJournal(store, clock), remove: () => {} }
  },
  sqlite: (clock) => {
    const folder = createTempFolder()
    const opened: Journal[] = []
    return {
      open: () => {
        const journal = openSqliteJournal({ home: join(folder.path, 'home'), clock })
        opened.push(journal)
        return journal
      },
      remove: () => {
        for (const journal of opened) void journal.close()
        folder.remove()
      },
    }
  },
}

describe.each(Object.entries(adapters))('journal: %s', (_name, createBench) => {
  let clock: HandClock
  let bench: Bench
  let journal: Journal & Leases

  beforeEach(() => {
    clock = createHandClock()
    bench = createBench(clock)
    journal = bench.open()
  })
  afterEach(() => bench.remove())

  it('is empty at first', async () => {
    expect(await journal.read()).toEqual([])
    expect(await journal.position('store')).toBe(0)
    expect(await journal.verify()).toMatchObject({ ok: true, events: 0, broken: null })
  })

  it('gives back what was written, with its place, its time and the chain', async () => {
    const written = await journal.append(variedEvents)
    expect(written.map((event) => event.seq)).toEqual([1, 2, 3])
    expect(await journal.read()).toEqual(written)
    for (const [index, event] of variedEvents.entries()) expect(written[index]).toMatchObject(event)
    const [first, second, third] = written
    expect(first).toMatchObject({ at: '2026-03-01T03:00:00.000Z', recordedAt: '2026-03-01T03:00:00.000Z' })
    expect(first).not.toHaveProperty('causedBy')
    expect(second).toMatchObject({ at: '2026-02-28T23:59:59.999Z', recordedAt: '2026-03-01T03:00:00.000Z' })
    expect(first?.previousHash).toBe('0'.repeat(64))
    expect([second?.previousHash, third?.previousHash]).toEqual([first?.hash, second?.hash])
  })

  it('gives them one after the other, after a place, and some by their place', async () => {
    const written = await journal.append(variedEvents)
    const seen: number[] = []
    await journal.each({ after: 1 }, (event) => seen.push(event.seq))
    expect(seen).toEqual([2, 3])
    expect(await journal.read({ seqs: [3, 1, 99] })).toEqual([written[0], written[2]])
    expect(await journal.read({ seqs: [] })).toEqual([])
    const many = Array.from({ length: 2_050 }, (_, n) => runEnded(n))
    await journal.append(many)
    let last = 0
    await journal.each({}, (event) => {
      expect(event.seq).toBe(last + 1)
      last = event.seq
    })
    expect(last).toBe(2_053)
  })

  it('gives ids that sort by time and are unique', async () => {
    const ids: string[] = []
    for (let n = 0; n < 20; n += 1) {
      const written = await journal.append([runEnded(n)])
      ids.push(...written.map((event) => event.id))
      clock.pass(1)
    }
    expect(new Set(ids).size).toBe(20)
    expect(ids.toSorted()).toEqual(ids)
  })

  it('keeps nothing of what the caller does to the event afterwards', async () => {
    const event = runEnded(1)
    const written = await journal.append([event])
    Object.assign(event.data, { ms: 999 })
    for (const copy of written) Object.assign(copy.data, { ms: 999 })
    expect(await journal.read()).toMatchObject([{ data: { ms: 1 } }])
    expect((await journal.verify()).ok).toBe(true)
  })

  it('writes nothing when there is nothing to write', async () => {
    expect(await journal.append([])).toEqual([])
    expect((await journal.verify()).events).toBe(0)
  })

  it('shows every handle the same events', async () => {
    const other = bench.open()
    await journal.append([runEnded(1)])
    await other.append([runEnded(2)])
    expect(await journal.read()).toEqual(await other.read())
    expect(await journal.verify()).toMatchObject({ ok: true, events: 2 })
  })

  it('reads by service and from a position on', async () => {
    await journal.append([runEnded(1), runEnded(2, 'other'), runEnded(3), runEnded(4, 'other')])
    const seqs = async (filter: { service?: string; after?: number }) =>
      (await journal.read(filter)).map((event) => event.seq)
    expect(await seqs({ service: 'store' })).toEqual([1, 3])
    expect(await seqs({ after: 2 })).toEqual([3, 4])
    expect(await seqs({ service: 'other', after: 2 })).toEqual([4])
    expect(await seqs({ service: 'nobody' })).toEqual([])
    expect(await seqs({ after: 99 })).toEqual([])
  })

  it('tells the position of each service', async () => {
    await journal.append([runEnded(1), runEnded(2, 'other'), runEnded(3)])
    expect(await journal.position('store')).toBe(3)
    expect(await journal.position('other')).toBe(2)
    expect(await journal.position('nobody')).toBe(0)
  })

  it('exports one event a line, in order', async () => {
    const written = await journal.append(variedEvents)
    const lines: string[] = []
    for await (const line of exportEvents(journal)) lines.push(line)
    expect(lines.map((line) => JSON.parse(line))).toEqual(written)
    expect(lines.every((line) => line.indexOf('\n') === line.length - 1)).toBe(true)
  })

  describe('lease', () => {
    it('is held by one at a time, and the second is told by whom', async () => {
      const first = await journal.acquire('store', 'ann@web-1', 'rollback to r1', 10_000)
      expect(first.ok).toBe(true)
      clock.pass(4_000)
      expect(await bench.open().acquire('store', 'bob@web-2', 'deploy v2', 10_000)).toEqual({
        ok: false,
        heldBy: {
          holder: 'ann@web-1',
          reason: 'rollback to r1',
          since: '2026-03-01T03:00:00.000Z',
          heartbeatAt: '2026-03-01T03:00:00.000Z',
          expiresAt: '2026-03-01T03:00:10.000Z',
        },
      })
    })

    it('is one per service', async () => {
      expect((await journal.acquire('store', 'ann', 'x', 1_000)).ok).toBe(true)
      expect((await journal.acquire('other', 'bob', 'y', 1_000)).ok).toBe(true)
    })

    it('is kept by renewing it', async () => {
      const lease = await take('store', 10_000)
      clock.pass(9_999)
      expect(await journal.renew(lease, 10_000)).toBe(true)
      clock.pass(9_999)
      expect(await journal.current('store')).toMatchObject({
        since: '2026-03-01T03:00:00.000Z',
        heartbeatAt: '2026-03-01T03:00:09.999Z',
      })
      expect((await journal.acquire('store', 'bob', 'y', 1_000)).ok).toBe(false)
    })

    it('ends by itself: nobody holds it, its holder cannot renew or write, the next one takes it', async () => {
      const lease = await take('store', 10_000)
      clock.pass(10_000)
      expect(await journal.current('store')).toBeNull()
      expect(await journal.renew(lease, 10_000)).toBe(false)
      await expect(journal.append([runEnded(1)], lease)).rejects.toMatchObject({
        code: 'LEASE_LOST',
        exit: 41,
      })
      const next = await take('store', 10_000)
      await journal.release(lease)
      expect(await journal.current('store')).not.toBeNull()
      await expect(journal.append([runEnded(2)], lease)).rejects.toMatchObject({ code: 'LEASE_LOST' })
      await journal.append([runEnded(3)], next)
      expect(await journal.read()).toMatchObject([{ data: { ms: 3 } }])
    })

    it('is given back', async () => {
      const lease = await take('store', 10_000)
      await journal.append([runEnded(1)], lease)
      await journal.release(lease)
      expect(await journal.current('store')).toBeNull()
      await expect(journal.append([runEnded(2)], lease)).rejects.toMatchObject({ code: 'LEASE_LOST' })
      await journal.release(lease)
      expect((await journal.verify()).events).toBe(1)
    })

    async function take(service: string, ttlMs: number) {
      const taken = await journal.acquire(service, 'ann', 'test', ttlMs)
      if (!taken.ok) throw new Error(`held by ${taken.heldBy.holder}`)
      return taken.lease
    }
  })
})
