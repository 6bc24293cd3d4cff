import { execFileSync } from 'node:child_process'
import { cp, rm, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { canMount } from '../support/small-disk.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { expectRefusal, lookAt } from './refusal.ts'

let service: TinyService
let file: string
let whole: string
/** The journal cannot say which release that is; the instances themselves can. */
const seen = /2 instances serve r2/
const known = /r2 \(v1\.1\.0, \w{7}\) on 2 instances/

beforeAll(async () => {
  service = await openTinyService('bad-home')
  file = join(service.home, 'journal.db')
  whole = join(service.lab.dir, 'journal.whole')
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await cp(file, whole)
})
afterAll(() => service.close())

async function restore(): Promise<void> {
  await rm(`${file}-wal`, { force: true })
  await rm(`${file}-shm`, { force: true })
  await cp(whole, file)
}

function change(sql: string): void {
  const db = new Database(file)
  db.exec(sql)
  db.close()
}

const damaged = { code: 'JOURNAL_DAMAGED', exit: 19, serving: seen, journal: false } as const
const runbook = /lastgood journal verify.* cat .*\/services\/tiny\/runbook\.md/

test('the journal file was cut: nothing is done, what serves is told, the way without lastgood is named', async () => {
  await truncate(file, Math.floor((await stat(file)).size / 2))
  const says = /journal .*journal\.db cannot be trusted: /
  await expectRefusal(service, ['rollback', '--yes'], { ...damaged, says, hint: runbook })
  await expectRefusal(service, ['status'], { ...damaged, says, hint: runbook })
  await expectRefusal(service, ['journal', 'verify'], { ...damaged, says, hint: runbook, serving: null })
  await restore()
})

test('its last events were deleted', async () => {
  change('DROP TRIGGER events_never_go; DELETE FROM events WHERE seq > (SELECT max(seq) - 3 FROM events)')
  const says = /its end is missing: it ends at event \d+, and event \d+ had been written/
  await expectRefusal(service, ['rollback', '--yes'], { ...damaged, says, hint: runbook })
  await expectRefusal(service, ['journal', 'verify'], { ...damaged, says, hint: runbook, serving: null })
  await restore()
})

test('an event in the middle was rewritten: verify finds it', async () => {
  change(`DROP TRIGGER events_never_change;
    UPDATE events SET body = replace(body, '1.0.0', '6.6.6') WHERE type = 'ReleaseBuilt' AND body LIKE '%1.0.0%'`)
  const says = /event \d+: /
  await expectRefusal(service, ['journal', 'verify'], { ...damaged, says, hint: runbook, serving: null })
  const doctor = await service.lastgood(['doctor', '--json'])
  expect(doctor.json).toMatchObject({
    exit: 36,
    message: expect.stringMatching(/journal: broken at event \d+/),
  })
  await restore()
})

test('a newer lastgood wrote it', async () => {
  change('UPDATE meta SET schema_version = 99, breaking_since = 99')
  for (const args of [['rollback', '--yes'], ['status']]) {
    await expectRefusal(service, args, {
      code: 'HOME_TOO_NEW',
      exit: 42,
      says: /written by a version that this one \(\d+\.\d+\.\d+\) must not touch \(schema 99\)/,
      hint: /npm install -g lastgood/,
      serving: seen,
      journal: false,
    })
  }
  await restore()
})

/** As root no right is missing, so the disk itself is made read-only. */
test.skipIf(!canMount())('the home cannot be written', async () => {
  const { home } = service
  await service.ok('releases', 'mark', 'bad', 'r2', '--reason', 'it is slow', '--yes')
  execFileSync('mount', ['--bind', home, home])
  try {
    execFileSync('mount', ['-o', 'remount,bind,ro', home])
    for (const args of [['rollback', '--yes'], ['verify']]) {
      await expectRefusal(service, args, {
        code: 'HOME_READ_ONLY',
        exit: 19,
        says: /home cannot be written \(the file system is read-only\)/,
        hint: /ls -ld .*df -h .*lastgood doctor/,
        serving: known,
      })
    }
    // Looking needs no writing.
    const plan = await service.ok('rollback', '--plan')
    expect(plan.json).toMatchObject({ plan: { from: 'r2', to: 'r1' } })
    const doctor = await service.lastgood(['doctor', '--json'])
    expect(doctor.json).toMatchObject({ exit: 36, message: expect.stringContaining('read-only file system') })
  } finally {
    execFileSync('umount', ['--lazy', home])
  }
})

test('all is as it was, and the way back works', async () => {
  expect(await lookAt(service)).toMatchObject({ version: '1.1.0', release: 'r2' })
  await service.ok('journal', 'verify')
  await service.ok('rollback', 'r1', '--yes')
  expect(await service.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
})
