import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal } from './refusal.ts'

let service: TinyService
let file: string
let good: string

beforeAll(async () => {
  service = await openTinyService('bad-config')
  file = join(service.repo, 'lastgood.yaml')
  good = await readFile(file, 'utf8')
})
beforeEach(() => writeFile(file, good))
afterAll(() => service.close())

/** As an editor counts. */
const lineOf = (start: string) => good.slice(0, good.indexOf(`\n${start}`) + 1).split('\n').length

test('no configuration, and no release that has kept one', async () => {
  await service.commit('1.0.0')
  await rm(file)
  for (const args of [
    ['deploy', '--yes'],
    ['rollback', '--yes'],
  ]) {
    await expectRefusal(service, args, {
      code: 'NO_CONFIG',
      exit: 2,
      says: /no configuration file at .*lastgood\.yaml/,
      hint: /lastgood init/,
      serving: null,
    })
  }
})

test('broken YAML before anything was put out', async () => {
  await writeFile(file, good.replace('health: {', 'health: ['))
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'CONFIG_INVALID',
    exit: 2,
    says: new RegExp(`lastgood\\.yaml:${lineOf('health:')}:\\d+ {2}\\S`),
    hint: /lastgood doctor/,
    serving: null,
  })
})

test.each([
  ['broken YAML', (text: string) => text.replace('health: {', 'health: ['), /lastgood\.yaml:\d+:\d+ {2}\S/],
  [
    'unknown keys, all of them at once',
    (text: string) => `${text}keepp: 3\nspeed: fast\n`,
    /keepp: is no setting; did you mean "keep"\?\n.*speed: is no setting; known here: service, url/,
  ],
  [
    'an unknown runtime',
    (text: string) => text.replace('"kind":"pm2"', '"kind":"kubernetes"'),
    /lastgood\.yaml:4:18 {2}runtime\.kind: .*one of: pm2, compose, swarm/,
  ],
  [
    'a variable that is not set',
    (text: string) => text.replace('env: {', `env: {"SECRET":"$\{NOT_SET_ANYWHERE}",`),
    /NOT_SET_ANYWHERE/,
  ],
])('%s: deploy refuses, with line and column', async (_, damage, says) => {
  if ((await service.answer()) === null) await service.ok('deploy', '--yes')
  expect(damage(good), 'nothing of the file was changed').not.toBe(good)
  await writeFile(file, damage(good))
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'CONFIG_INVALID',
    exit: 2,
    says,
    hint: /lastgood doctor/,
    serving: /r1 \(v1\.0\.0, \w{7}\) on 2 instances/,
  })
})

test('a rollback goes on with the configuration that was kept, and says so', async () => {
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await service.ok('releases', 'mark', 'bad', 'r2', '--reason', 'it is slow', '--yes')
  await writeFile(file, good.replace('health: {', 'health: ['))

  const ran = await service.lastgood(['rollback', '--yes', '--reason', 'it is slow'])
  expect(ran.exit, ran.stdout).toBe(0)
  expect(ran.stdout).toMatch(/^! .*lastgood\.yaml cannot be used as it is; problems found: 1\./)
  expect(ran.stdout).toContain('! Going on with the configuration that what serves was built with.')
  expect(ran.stdout.trimEnd()).toMatch(/\nServing now: r1 \(v1\.0\.0, \w{7}\) on 2 instances$/)
  expect(await service.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })

  const status = await service.lastgood(['status'])
  expect(status.exit).toBe(0)
  expect(status.stdout).toContain('! Going on with')
})

test('a file that is gone does not stop a look, and a look writes nothing', async () => {
  await rm(file)
  const before = await eventsOf(service)
  const ran = await service.lastgood(['status'])
  expect(ran.exit).toBe(0)
  expect(ran.stdout).toMatch(/^! There is no configuration file at /)
  const doctor = await service.lastgood(['doctor', '--json'])
  expect(JSON.stringify(doctor.json.findings)).toContain('There is no configuration file at')
  expect(await eventsOf(service)).toEqual(before)
})
