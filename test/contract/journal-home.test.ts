import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { OperatorError } from '../../src/errors/operator-error.ts'
import { migrate, readSchema } from '../../src/journal/schema.ts'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { createTempFolder, runEnded, variedEvents } from '../fixtures/journal/samples.ts'

const fixtures = join(import.meta.dirname, '../fixtures/journal')
let folder: ReturnType<typeof createTempFolder>
let home: string
let undo: Array<() => void>

beforeEach(() => {
  folder = createTempFolder()
  home = join(folder.path, 'some', 'home')
  undo = [folder.remove]
})
afterEach(() => {
  for (const step of undo.toReversed()) step()
})

describe('home', () => {
  it('is created for its owner only', async () => {
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(1)])
    expect(mode(home)).toBe('700')
    for (const name of readdirSync(home)) expect([name, mode(join(home, name))]).toEqual([name, '600'])
    await journal.close()
    expect(readdirSync(home)).toContain('journal.head')
  })

  it('may have any name', async () => {
    home = join(folder.path, 'a home?mode=ro#100% ünï')
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(1)])
    const reader = openSqliteJournal({ home, readOnly: true })
    expect(await reader.read()).toHaveLength(1)
    await Promise.all([reader.close(), journal.close()])
    expect(readdirSync(folder.path)).toEqual(['a home?mode=ro#100% ünï'])
  })

  it('is not created to be read: what is absent is empty', async () => {
    const journal = openSqliteJournal({ home, readOnly: true })
    expect(await journal.read()).toEqual([])
    expect(await journal.position('store')).toBe(0)
    expect(await journal.current('store')).toBeNull()
    expect(await journal.verify()).toMatchObject({ ok: true, events: 0 })
    await expect(journal.append([runEnded(1)])).rejects.toMatchObject({ code: 'HOME_READ_ONLY' })
    await journal.close()
    expect(readdirSync(folder.path)).toEqual([])
  })

  it('is read while another writes', async () => {
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(1)])
    const reader = openSqliteJournal({ home, readOnly: true })
    await journal.append([runEnded(2)])
    expect(await reader.read()).toHaveLength(2)
    await expect(reader.append([runEnded(3)])).rejects.toMatchObject({ code: 'HOME_READ_ONLY', exit: 19 })
    await expect(reader.acquire('store', 'ann', 'x', 1)).rejects.toMatchObject({ code: 'HOME_READ_ONLY' })
    await Promise.all([reader.close(), journal.close()])
  })

  it.each([
    ['a file', ''],
    ['below a file', 'below'],
  ])('is refused when it is %s', (_what, below) => {
    const path = join(folder.path, 'file')
    writeFileSync(path, '')
    const message = expect.objectContaining({
      code: 'HOME_READ_ONLY',
      message: expect.stringContaining('there is a file where a folder is needed'),
    })
    expect(() => openSqliteJournal({ home: join(path, below) })).toThrow(message)
  })

  it('is refused when it may not be written, or not be created', async () => {
    await openSqliteJournal({ home }).close()
    chmodSync(home, 0o555)
    chmodSync(join(folder.path, 'some'), 0o555)
    undo.push(() => chmodSync(home, 0o700))
    asNobody()
    expect(() => openSqliteJournal({ home })).toThrow(code('HOME_READ_ONLY'))
    expect(() => openSqliteJournal({ home: join(folder.path, 'some', 'new') })).toThrow(
      code('HOME_READ_ONLY'),
    )
    if (process.geteuid?.() === 65534) {
      expect(() => openSqliteJournal({ home, readOnly: true })).toThrow(code('HOME_UNREADABLE'))
    }
  })

  it.runIf(process.geteuid?.() === 0)('stays usable for its owner after root has used it', async () => {
    mkdirSync(home, { recursive: true })
    chownSync(home, 65534, 65534)
    chmodSync(join(folder.path, 'some'), 0o755)
    const asRoot = openSqliteJournal({ home })
    await asRoot.append([runEnded(1)])
    asNobody()
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(2)])
    expect(JSON.parse(readFileSync(join(home, 'journal.head'), 'utf8'))).toMatchObject({ seq: 2 })
    await Promise.all([journal.close(), asRoot.close()])
  })

  it.runIf(canMount())('is refused on a read-only disk, where it can still be read', async () => {
    const disk = mountDisk('2m')
    const journal = openSqliteJournal({ home: disk })
    await journal.append([runEnded(1)])
    await journal.close()
    execFileSync('mount', ['--bind', disk, disk])
    undo.push(() => execFileSync('umount', ['-l', disk]))
    execFileSync('mount', ['-o', 'remount,bind,ro', disk])
    expect(() => openSqliteJournal({ home: disk })).toThrow(/file system is read-only/)
    const reader = openSqliteJournal({ home: disk, readOnly: true })
    expect(await reader.read()).toHaveLength(1)
    await reader.close()
  })

  it.runIf(canMount())(
    'keeps what it has when the disk is full, and goes on when there is space again',
    async () => {
      const disk = mountDisk('400k')
      const journal = openSqliteJournal({ home: disk })
      await journal.append([runEnded(1)])
      writeFileSync(join(disk, 'ballast'), '')
      fill(join(disk, 'ballast'))
      await expect(appendUntilRefused()).rejects.toMatchObject({ code: 'DISK_FULL', exit: 19 })
      const { events } = await journal.verify()
      writeFileSync(join(disk, 'ballast'), '')
      await journal.append([runEnded(2)])
      expect(await journal.verify()).toMatchObject({ ok: true, events: events + 1 })
      await journal.close()

      async function appendUntilRefused(): Promise<void> {
        for (let n = 0; n < 1000; n += 1) await journal.append([runEnded(n)])
      }
    },
  )
})

describe('schema', () => {
  const next = { version: 2, breaking: false, sql: 'ALTER TABLE leases ADD COLUMN note TEXT;' }
  const breaking = { version: 3, breaking: true, sql: 'CREATE TABLE more (n INTEGER) STRICT;' }

  it('of a newer version is used as long as that one allows it', async () => {
    await upgradeWith([next])
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(2)])
    expect((await journal.acquire('store', 'ann', 'x', 1_000)).ok).toBe(true)
    expect(await journal.verify()).toMatchObject({ ok: true, events: 2 })
    await journal.close()
  })

  it('of a newer version that breaks with this one is not touched', async () => {
    await upgradeWith([next, breaking])
    for (const readOnly of [false, true]) {
      expect(() => openSqliteJournal({ home, readOnly, version: '0.1.0' })).toThrow(
        new OperatorError('HOME_TOO_NEW', { path: home, version: '0.1.0', schema: 3 }),
      )
    }
  })

  it('that becomes newer while a process runs stops it from writing', async () => {
    const journal = openSqliteJournal({ home })
    await journal.append([runEnded(1)])
    await upgradeWith([next, breaking])
    await expect(journal.append([runEnded(2)])).rejects.toMatchObject({ code: 'HOME_TOO_NEW', exit: 42 })
    await journal.close()
  })

  it('is brought forward once', async () => {
    await upgradeWith([next])
    await upgradeWith([next])
    const db = new Database(join(home, 'journal.db'))
    expect(readSchema(db)).toEqual({ version: 2, breakingSince: 1 })
    db.close()
  })

  it.each(readdirSync(fixtures).filter((name) => name.endsWith('.db')))('%s still opens', async (name) => {
    mkdirSync(home, { recursive: true })
    copyFileSync(join(fixtures, name), join(home, 'journal.db'))
    const journal = openSqliteJournal({ home, clock: { now: () => Date.parse('2026-03-01T03:00:30.000Z') } })
    expect(await journal.verify()).toMatchObject({ ok: true, events: variedEvents.length })
    expect(await journal.read()).toMatchObject(variedEvents)
    expect(await journal.current('store')).toMatchObject({ holder: 'ann@web-1' })
    await journal.append([runEnded(4)])
    expect(await journal.verify()).toMatchObject({ ok: true, events: variedEvents.length + 1 })
    await journal.close()
  })

  async function upgradeWith(steps: (typeof next)[]): Promise<void> {
    const exists = existsSync(join(home, 'journal.db'))
    const journal = openSqliteJournal({ home })
    if (!exists) await journal.append([runEnded(1)])
    await journal.close()
    const db = new Database(join(home, 'journal.db'))
    migrate(db, steps)
    db.close()
  }
})

function code(expected: string) {
  return expect.objectContaining({ code: expected })
}

function mode(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

/** Rights do not bite root, so the test goes on as somebody else. */
function asNobody(): void {
  if (process.geteuid?.() !== 0) return
  chmodSync(folder.path, 0o755)
  process.seteuid?.(65534)
  undo.push(() => process.seteuid?.(0))
}

function canMount(): boolean {
  const probe = createTempFolder()
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', probe.path], { stdio: 'ignore' })
    execFileSync('umount', [probe.path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    probe.remove()
  }
}

/** A real small disk. */
function mountDisk(size: string): string {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'none', home])
  const path = home
  undo.push(() => execFileSync('umount', ['-l', path]))
  return path
}

function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(4096), { flag: 'a' })
  } catch {
    return
  }
}
