import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Traffic } from '../../lab/traffic/start-traffic.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { expectNoneFailed, openShop, pidsOf, reach, unitsOf } from '../support/trap-watch.ts'

let service: TinyService
let traffic: Traffic
let pids: number[]

beforeAll(async () => {
  service = await openTinyService('boot', { drainTimeout: '30s' })
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
  pids = await pidsOf(service, 'r1')
  traffic = await openShop(service)
})
afterAll(() => service.close())

/** The same processes serve as before, nothing of the other one is left, and the exit code says that it failed. */
async function expectUntouched(): Promise<void> {
  expect(await pidsOf(service, 'r1')).toEqual(pids)
  expect(await unitsOf(service)).toEqual(['tiny-r1', 'tiny-r1'])
  await reach(service, { 'r1 listening': 2 })
}

async function refused(expected: { exit: number; code: string; says: RegExp }): Promise<void> {
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  const { exit, code, details, serving } = ran.json
  expect({ exit, code, ran: ran.exit }).toEqual({
    exit: expected.exit,
    code: expected.code,
    ran: expected.exit,
  })
  expect(JSON.stringify([ran.json.message, details])).toMatch(expected.says)
  expect(serving).toMatchObject({ release: 'r1', text: expect.stringContaining('2 instances') })
  await expectUntouched()
}

test('an ES module that throws at its top level: PM2 keeps the process, lastgood sees it at once', async () => {
  await service.commit('2.0.0', 'crash-on-boot')
  // By its code: had its whole time been waited for, it would not be ready.
  await refused({ exit: 21, code: 'CANDIDATE_CRASHED', says: /a file is missing/ })
})

test('a CommonJS app that throws: PM2 starts it again and again', async () => {
  const manifest = JSON.stringify({ name: 'tiny', version: '2.1.0' })
  await service.commit('2.1.0', null, {
    'package.json': manifest,
    'index.mjs': '',
    'index.js': "require('./not-there.js')",
  })
  await service.configure({ script: 'index.js' })
  await refused({
    exit: 21,
    code: 'CANDIDATE_CRASHED',
    says: /Cannot find module '.\/not-there.js'/,
  })
  await service.configure({ script: 'index.mjs' })
})

test('a rejection beside the start is no crash: the app comes up', async () => {
  await service.commit('2.2.0', null, {
    'index.mjs': `import { createServer } from 'node:http'
Promise.reject(new Error('the cache is away'))
await new Promise((resolve) => setTimeout(resolve, 300))
createServer((request, response) => response.end('{}')).listen(Number(process.env.PORT), '127.0.0.1')
`,
  })
  const { json } = await service.ok('deploy', '--yes')
  expect(json).toMatchObject({ outcome: 'succeeded' })
  await service.ok('rollback', '--yes', 'r1')
  pids = await pidsOf(service, 'r1')
  await expectUntouched()
})

test('a release that never listens', async () => {
  await service.configure({ startTimeout: '1500ms' })
  await service.commit('3.0.0', 'never-listens')
  await refused({ exit: 21, code: 'CANDIDATE_NOT_READY', says: /not ready after 1.5 s \(0 of 2 instances\)/ })
})

test('a release that listens and says 503 on its ready path', async () => {
  await service.configure({ startTimeout: '60s' })
  await service.commit('3.1.0', 'never-ready')
  await refused({ exit: 22, code: 'CANDIDATE_SICK', says: /health ready: status 503/ })
})

test('through all of it no request failed', async () => {
  await expectNoneFailed(traffic)
})

test('PM2 says online, and nothing serves: verify fails', async () => {
  const pm2 = service.lab.pm2()
  await pm2.run(['delete', 'tiny-r1'])
  const sleeper = `${service.lab.dir}/sleeper.cjs`
  await writeFile(sleeper, 'setInterval(() => {}, 1000)')
  await pm2.run(['start', sleeper, '--name', 'tiny-r1', '--namespace', 'tiny', '-i', '2'])
  const listed = await pm2.list()
  expect(listed.map(({ name, pm2_env }) => `${name} ${pm2_env.status}`)).toEqual([
    'tiny-r1 online',
    'tiny-r1 online',
  ])
  const ran = await service.lastgood(['verify', '--json'])
  expect(ran.exit).toBe(32)
  expect(ran.json.message).toMatch(/2 instances serve something unknown \(tiny-r1\).*expected only r1/)
})
