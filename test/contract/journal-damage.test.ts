import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { ChainReport, Journal } from '../../src/ports/journal.ts'
import { createTempFolder, runEnded } from '../fixtures/journal/samples.ts'

const damaged = expect.objectContaining({ code: 'JOURNAL_DAMAGED', exit: 19 })
/** The real one takes nothing that is not JSON. */
const asPlainTable = `CREATE TABLE plain AS SELECT * FROM events; DROP TABLE events;
  ALTER TABLE plain RENAME TO events;`
let folder: ReturnType<typeof createTempFolder>
let home: string
let file: string

beforeEach(async () => {
  folder = createTempFolder()
  home = join(folder.path, 'home')
  file = join(home, 'journal.db')
  await withJournal({}, async (journal) => {
    for (let n = 1; n <= 60; n += 1) await journal.append([runEnded(n)])
  })
})
afterEach(() => folder.remove())

describe('append-only', () => {
  it.each([
    "UPDATE events SET body = '{}'",
    'DELETE FROM events',
    "INSERT OR REPLACE INTO events (seq, body, hash) VALUES (60, '{}', '')",
    "INSERT INTO events (seq, body, hash) VALUES (1, '{}', '') ON CONFLICT DO UPDATE SET body = '{}'",
  ])('refuses %s', async (sql) => {
    expect(() => edit(sql, { triggers: true })).toThrow(/events are never/)
    expect(await verify()).toMatchObject({ ok: true, events: 60 })
  })
})

describe('edited with the triggers dropped', () => {
  it.each<[string, string, number, RegExp]>([
    [
      'in the middle',
      `UPDATE events SET body = replace(body, '"ms":20', '"ms":21') WHERE seq = 20`,
      20,
      /changed after/,
    ],
    ['a hash', `UPDATE events SET hash = '${'ab'.repeat(32)}' WHERE seq = 20`, 20, /hash differs/],
    ['an event taken out', 'DELETE FROM events WHERE seq = 20', 20, /event 20 is missing: after 19 comes 21/],
    [
      'the last event',
      `UPDATE events SET body = replace(body, '"ms":60', '"ms":6') WHERE seq = 60`,
      60,
      /changed after/,
    ],
    ['the last events cut off', 'DELETE FROM events WHERE seq > 55', 56, /ends at event 55, and event 60/],
    ['everything cut off', 'DELETE FROM events', 1, /ends at event 0/],
  ])('notices a change %s', async (_what, sql, seq, reason) => {
    edit(sql)
    const report = await verify()
    expect(report).toMatchObject({ ok: false, broken: { seq } })
    expect(report.broken?.reason).toMatch(reason)
  })

  it.each([
    'DELETE FROM events WHERE seq > 55',
    'DELETE FROM events',
    'DELETE FROM events WHERE seq = 59',
    `UPDATE events SET body = replace(body, '"ms":60', '"ms":6') WHERE seq = 60`,
    `${asPlainTable} UPDATE events SET body = '{' WHERE seq = 60`,
  ])('is not written to, nor taken for the truth, after %s', (sql) => {
    edit(sql)
    expect(() => openSqliteJournal({ home })).toThrow(damaged)
    expect(() => openSqliteJournal({ home, readOnly: true })).toThrow(damaged)
  })

  it('says so when an event cannot be read', async () => {
    edit(`${asPlainTable} UPDATE events SET body = '{' WHERE seq = 20`)
    // Found when it is read: opening looks at the end only.
    await withJournal({ readOnly: true }, async (journal) => {
      await expect(journal.read()).rejects.toThrow(damaged)
      expect(await journal.verify()).toMatchObject({ broken: { seq: 20 } })
    })
  })

  it('accepts a head that is behind, empty, broken or gone, and writes it anew', async () => {
    const head = join(home, 'journal.head')
    const whole = readFileSync(head, 'utf8')
    for (const content of ['', '\0\0\0\0', '{"seq":"x"}', null]) {
      if (content === null) rmSync(head)
      else writeFileSync(head, content)
      expect(await verify()).toMatchObject({ ok: true })
    }
    writeFileSync(head, whole)
    copyFileSync(head, join(folder.path, 'older'))
    await withJournal({}, (journal) => journal.append([runEnded(61)]))
    copyFileSync(join(folder.path, 'older'), head)
    await withJournal({}, (journal) => journal.append([runEnded(62)]))
    expect(JSON.parse(readFileSync(head, 'utf8'))).toMatchObject({ seq: 62 })
    expect(await verify()).toMatchObject({ ok: true, events: 62 })
  })
})

describe('damaged as a file', () => {
  it.each([1, 50, 100, 2048, 4096, 4097, 8192, 12_288, 20_000])(
    'is refused when cut to %i bytes',
    async (bytes) => {
      forgetLog()
      truncateSync(file, bytes)
      expect(() => openSqliteJournal({ home })).toThrow(damaged)
      expect(() => openSqliteJournal({ home, readOnly: true })).toThrow(damaged)
    },
  )

  it('is refused when it is empty, or gone, and its head says otherwise; nothing is created', async () => {
    forgetLog()
    truncateSync(file, 0)
    expect(() => openSqliteJournal({ home })).toThrow(damaged)
    rmSync(file)
    expect(() => openSqliteJournal({ home })).toThrow(damaged)
    expect(() => openSqliteJournal({ home, readOnly: true })).toThrow(damaged)
    expect(existsSync(file)).toBe(false)
    expect(await verify()).toMatchObject({ ok: false, events: 0, broken: { seq: 1 } })
  })

  it('is refused when it is something else', () => {
    forgetLog()
    writeFileSync(file, 'not a database\n'.repeat(1000))
    expect(() => openSqliteJournal({ home })).toThrow(damaged)
    rmSync(file)
    const other = new Database(file)
    other.exec('CREATE TABLE customers (id INTEGER)')
    other.close()
    expect(() => openSqliteJournal({ home })).toThrow(/database of something else/)
  })

  it('is reported when pages in the middle are overwritten', async () => {
    forgetLog()
    const bytes = readFileSync(file)
    bytes.fill(0x5a, bytes.length / 2, bytes.length / 2 + 4096)
    writeFileSync(file, bytes)
    let refused: unknown = null
    try {
      expect(await verify()).toMatchObject({ ok: false })
    } catch (error) {
      refused = error
    }
    if (refused !== null) expect(refused).toEqual(damaged)
  })

  it('is refused when the log with its newest events is lost', async () => {
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(61), runEnded(62)])
    const copy = join(folder.path, 'copy')
    mkdirSync(copy)
    for (const name of ['journal.db', 'journal.head']) copyFileSync(join(home, name), join(copy, name))
    await journal.close()
    expect(() => openSqliteJournal({ home: copy })).toThrow(/ends at event 60, and event 62/)
  })
})

/** Changes the file behind lastgood's back. */
function edit(sql: string, { triggers = false } = {}): void {
  const db = new Database(file)
  if (!triggers) {
    for (const name of ['events_never_change', 'events_never_go', 'events_never_replaced']) {
      db.exec(`DROP TRIGGER ${name}`)
    }
  }
  try {
    db.exec(sql)
  } finally {
    db.close()
  }
}

function forgetLog(): void {
  for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true })
}

async function verify(): Promise<ChainReport> {
  const reports: ChainReport[] = []
  await withJournal({ unchecked: true }, async (journal) => {
    reports.push(await journal.verify())
  })
  const [report] = reports
  if (report === undefined) throw new Error('no report')
  return report
}

async function withJournal(
  options: { home?: string; readOnly?: boolean; unchecked?: boolean },
  work: (journal: Journal) => Promise<unknown>,
): Promise<void> {
  const journal = openSqliteJournal({ home, ...options })
  try {
    await work(journal)
  } finally {
    await journal.close()
  }
}
