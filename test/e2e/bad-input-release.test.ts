import { cp, rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { removeFolder } from '../../src/store/remove-folder.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { expectRefusal } from './refusal.ts'

let service: TinyService
let first: string
const nothing = /nothing$/
const r2 = /r2 \(v1\.1\.0, \w{7}\) on 2 instances/

beforeAll(async () => {
  service = await openTinyService('bad-release', { bake: '1h' })
  first = join(service.home, 'services', 'tiny', 'releases', 'r1')
})
afterAll(() => service.close())

test('nothing was ever put out', async () => {
  const expected = {
    code: 'NOTHING_LIVE',
    exit: 11,
    says: /no release of tiny that serves/,
    serving: nothing,
  } as const
  await expectRefusal(service, ['rollback', '--yes'], {
    ...expected,
    hint: /lastgood adopt.*lastgood deploy/,
  })
  await expectRefusal(service, ['verify'], { ...expected, hint: /lastgood deploy/ })
})

test('no release is proven yet', async () => {
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes', '--no-wait')
  const expected = {
    code: 'NO_PROVEN_RELEASE',
    exit: 11,
    says: /No release of tiny .*is proven/,
    hint: /lastgood releases mark proven RELEASE --reason/,
  } as const
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes', '--no-wait')
  await expectRefusal(service, ['rollback', '--yes'], { ...expected, serving: r2 })
  await expectRefusal(service, ['rollback', 'r1', '--yes'], {
    code: 'TARGET_NOT_PROVEN',
    exit: 11,
    says: /r1 has never served without a finding for its whole bake time/,
    hint: /lastgood releases mark proven r1 --reason/,
    serving: r2,
  })
})

test('the target is what serves', async () => {
  await service.ok('releases', 'mark', 'proven', 'r1', '--reason', 'known to be good', '--yes')
  await service.ok('releases', 'mark', 'proven', 'r2', '--reason', 'known to be good', '--yes')
  for (const target of [[], ['v1.1.0']]) {
    await expectRefusal(service, ['rollback', ...target, '--yes'], {
      code: 'TARGET_IS_LIVE',
      exit: 11,
      says: /r2 is .*what serves/,
      hint: /lastgood releases mark bad r2 --reason/,
      serving: r2,
    })
  }
})

test.each(['nope', '../../etc'])('an unknown release: "%s"', async (name) => {
  const expected = {
    code: 'UNKNOWN_RELEASE',
    exit: 11,
    says: /no release .* of tiny\. Known: r1, r2\./,
  } as const
  const more = { hint: /lastgood releases/, serving: r2 }
  await expectRefusal(service, ['rollback', name, '--yes'], { ...expected, ...more })
})

test('marking an unknown release', async () => {
  await expectRefusal(service, ['releases', 'mark', 'bad', 'r99', '--reason', 'x', '--yes'], {
    code: 'UNKNOWN_RELEASE',
    exit: 11,
    says: /no release r99 of tiny\. Known: r1, r2\./,
    hint: /lastgood releases/,
    serving: r2,
  })
})

test('one file of the target is cut short, then all of it is gone: refused before anything is started', async () => {
  await service.ok('releases', 'mark', 'bad', 'r2', '--reason', 'it is slow', '--yes')
  const copy = join(service.lab.dir, 'r1')
  await cp(first, copy, { recursive: true })
  const refused = {
    code: 'RELEASE_FILES_GONE',
    exit: 11,
    hint: /lastgood releases .*lastgood deploy \w{40}/,
    serving: r2,
    events: ['RunStarted', 'StepStarted', 'StepFailed', 'RunPutBack'],
  } as const
  await truncate(join(first, 'app', 'index.mjs'), 100)
  const cut = /r1 cannot be started: index\.mjs has 100 bytes instead of \d+/
  await expectRefusal(service, ['rollback', '--yes'], { ...refused, events: [...refused.events], says: cut })

  await removeFolder(first)
  const gone = /r1 cannot be started: .*missing/
  await expectRefusal(service, ['rollback', '--yes'], { ...refused, events: [...refused.events], says: gone })
  const doctor = await service.lastgood(['doctor', '--json'])
  expect(doctor.exit).toBe(36)
  expect(doctor.json.message).toMatch(/way back: r1: .*missing/)

  await cp(copy, first, { recursive: true })
  const back = await service.lastgood(['rollback', '--yes'])
  expect(back.exit, back.stdout).toBe(0)
  expect(await service.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
  await rm(copy, { recursive: true, force: true })
})
