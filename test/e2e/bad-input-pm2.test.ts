import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { daemonsOf, eventsOf, expectRefusal } from './refusal.ts'

let service: TinyService
let file: string

beforeAll(async () => {
  service = await openTinyService('bad-pm2')
  file = join(service.repo, 'lastgood.yaml')
  await service.commit('1.0.0')
})
afterAll(() => service.close())

async function killDaemon(): Promise<void> {
  for (const pid of daemonsOf(service)) process.kill(pid, 'SIGKILL')
  await waitUntil(() => daemonsOf(service).length === 0, { what: 'the daemon to be gone' })
}

const missing = {
  code: 'RUNTIME_MISSING',
  exit: 15,
  says: /pm2 program cannot be run: there is no program at \/nowhere\/pm2/,
  hint: /npm install -g pm2 .*runtime\.program/,
} as const

const down = {
  code: 'RUNTIME_DOWN',
  exit: 15,
  says: /daemon does not answer: nothing listens on .*rpc\.sock/,
  hint: /pm2 resurrect .*pm2 ping/,
} as const

test('PM2 is missing: before the first deploy nothing is built; later, what serves is still told', async () => {
  const good = await readFile(file, 'utf8')
  const without = good.replace(/"program":"[^"]*"/, '"program":"/nowhere/pm2"')
  await writeFile(file, without)
  await expectRefusal(service, ['deploy', '--yes'], { ...missing, serving: /nothing that can be seen/ })
  expect(await eventsOf(service)).toEqual([])

  await writeFile(file, good)
  await service.ok('deploy', '--yes')
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  await writeFile(file, without)
  const serving = /r2 \(v1\.1\.0, \w{7}\) on 2 instances/
  await expectRefusal(service, ['rollback', '--yes'], { ...missing, serving })
  await expectRefusal(service, ['deploy', '--yes'], { ...missing, serving })
  const doctor = await service.lastgood(['doctor'])
  expect(doctor.exit).toBe(36)
  expect(doctor.stdout.replace(/\s+/g, ' ')).toContain(
    '✗ runtime the pm2 program cannot be run: there is no program at /nowhere/pm2 fix: npm install -g pm2',
  )
  await writeFile(file, good)
})

test('the daemon was killed, and its cluster with it: refused, and nobody starts another', async () => {
  await killDaemon()
  await waitUntil(async () => (await service.answer()) === null, { what: 'the instances to be gone' })
  const serving = /nothing that can be seen/
  await expectRefusal(service, ['rollback', '--yes'], { ...down, serving })
  await expectRefusal(service, ['deploy', '--yes'], { ...down, serving })

  const verify = await service.lastgood(['verify', '--json'])
  expect(verify.json).toMatchObject({ exit: 33, code: 'NOT_KNOWN' })
  const doctor = await service.lastgood(['doctor', '--json'])
  expect(doctor.json).toMatchObject({ exit: 36, code: 'NOT_READY_TO_ROLL_BACK' })
  expect(await service.lastgood(['status'])).toMatchObject({
    exit: 0,
    stdout: expect.stringContaining('rpc.sock'),
  })
  expect(daemonsOf(service)).toEqual([])
})

test('once there is a daemon again, the next deploy serves', async () => {
  await service.lab.pm2().run(['ping'])
  await service.commit('1.2.0')
  expect((await service.ok('deploy', '--yes')).json).toMatchObject({ plan: { to: 'r3' }, bake: 'proven' })
})
