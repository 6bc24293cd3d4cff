import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git } from '../support/temporary-project.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { expectRefusal, lookAt } from './refusal.ts'

let service: TinyService
const r1 = /r1 \(v1\.0\.0, \w{7}\) on 2 instances/

beforeAll(async () => {
  service = await openTinyService('bad-source')
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

test('a repository with uncommitted changes', async () => {
  await writeFile(join(service.repo, 'index.mjs'), 'half of an idea')
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'DIRTY_REPOSITORY',
    exit: 14,
    says: /has changes that are in no commit[\s\S]* M index\.mjs/,
    hint: /git commit, or git stash/,
    serving: r1,
  })
  git(service.repo, 'checkout', '-q', '--', 'index.mjs')
})

test('a shallow clone', async () => {
  git(service.lab.dir, 'clone', '-q', '--depth', '1', `file://${service.repo}`, 'shallow')
  await service.configure({ extra: 'source: { repository: ../shallow }' })
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'SHALLOW_REPOSITORY',
    exit: 14,
    says: /is a shallow clone/,
    hint: /git fetch --unshallow/,
    serving: r1,
  })
})

test('no repository', async () => {
  await service.configure({ extra: 'source: { repository: .. }' })
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'NOT_A_REPOSITORY',
    exit: 14,
    says: /is not a git repository/,
    hint: /source\.repository/,
    serving: r1,
  })
  await service.configure({ extra: '' })
})

test('an unknown commit', async () => {
  await expectRefusal(service, ['deploy', 'v9.9.9', '--yes'], {
    code: 'UNKNOWN_REF',
    exit: 14,
    says: /v9\.9\.9 names no commit/,
    hint: /git log/,
    serving: r1,
  })
})

test('a build that fails is put back; its log is kept and named', async () => {
  await service.commit('1.1.0', 'build')
  await expectRefusal(service, ['deploy', '--yes'], {
    code: 'BUILD_FAILED',
    exit: 20,
    says: /node build\.mjs failed with exit code 2\.[\s\S]*no such type/,
    hint: /cat .*r\d-build\.log/,
    serving: r1,
    events: ['RunStarted', 'StepStarted', 'StepFailed', 'RunPutBack'],
  })
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  const [, log = ''] = /cat (\S+)/.exec(String(ran.json.hint)) ?? []
  expect(await readFile(log, 'utf8')).toContain('no such type')
})

test('a build command that does not exist', async () => {
  const file = join(service.repo, 'lastgood.yaml')
  const text = await readFile(file, 'utf8')
  await writeFile(file, text.replace('[node build.mjs]', '[no-such-builder --fast]'))
  const before = await lookAt(service)
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  expect(ran.json).toMatchObject({ exit: 20, code: 'BUILD_FAILED' })
  expect(ran.json.message).toBe('no-such-builder --fast failed with no such program on PATH.')
  expect(await lookAt(service)).toEqual({ ...before, events: expect.anything() })
  await writeFile(file, text)
})

test('the number of a build that failed is not used again, and the next good commit goes out', async () => {
  await rm(join(service.repo, '.git', 'index.lock'), { force: true })
  await service.commit('1.2.0')
  const ran = await service.ok('deploy', '--yes')
  expect(ran.json).toMatchObject({ plan: { from: 'r1', to: 'r6' }, bake: 'proven' })
  expect(await service.answer()).toMatchObject({ version: '1.2.0', release: 'r6' })
})
