import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal } from './refusal.ts'

let service: TinyService
let saved: string
const r2 = /r2 \(v1\.1\.0, \w{7}\) on 2 instances/

beforeAll(async () => {
  service = await openTinyService('bad-plan')
  saved = join(service.lab.dir, 'plan.json')
  await service.commit('1.0.0')
})
afterAll(() => service.close())

const count = async (type: string) => (await eventsOf(service)).filter((each) => each === type).length

test('a saved plan is run as it was printed, the very first one too', async () => {
  const planned = await service.ok('deploy', '--plan')
  expect(await eventsOf(service)).toEqual([])
  await writeFile(saved, planned.stdout)
  const ran = await service.ok('deploy', '--apply', saved, '--yes')
  expect(ran.json).toMatchObject({ plan: planned.json.plan, outcome: 'succeeded', bake: 'proven' })
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
})

test('a plan is refused once something has changed', async () => {
  await service.ok('releases', 'mark', 'bad', 'r2', '--reason', 'it is slow', '--yes')
  await writeFile(saved, (await service.ok('rollback', '--plan')).stdout)
  // Somebody looking is no change.
  await service.ok('verify')
  await service.ok('releases', 'mark', 'proven', 'r2', '--reason', 'it was the network', '--yes')
  await expectRefusal(service, ['rollback', '--apply', saved, '--yes'], {
    code: 'STALE_PLAN',
    exit: 17,
    says: /plan was made at journal position \d+; the journal is at \d+/,
    hint: /lastgood rollback --plan/,
    serving: r2,
  })
})

test.each([
  ['no JSON', () => 'not a plan', /is not valid JSON/],
  ['something else', () => '{"releases": []}', /not what --plan --json prints/],
  ['a step nobody knows', (text: string) => text.replaceAll('"check-target"', '"rm-rf"'), /not what --plan/],
  ['a release outside', (text: string) => text.replaceAll('"r1"', '"../../etc"'), /not what --plan/],
  [
    'another service',
    (text: string) => text.replace('"service": "tiny"', '"service": "other"'),
    /is for other/,
  ],
  [
    'another verb',
    (text: string) => text.replace('"verb": "rollback"', '"verb": "deploy"'),
    /plan of a deploy/,
  ],
])('a file that is no plan: %s', async (_, damage, says) => {
  const file = join(service.lab.dir, 'damaged.json')
  await writeFile(file, damage(await readFile(saved, 'utf8')))
  const ran = await service.lastgood(['rollback', '--apply', file, '--yes', '--json'])
  expect(ran.json).toMatchObject({ exit: 17, code: 'PLAN_INVALID', message: expect.stringMatching(says) })
})

test('a plan file that is not there', async () => {
  await expectRefusal(service, ['rollback', '--apply', '/nowhere/plan.json', '--yes'], {
    code: 'PLAN_INVALID',
    exit: 17,
    says: /\/nowhere\/plan\.json cannot be used as a plan: there is no such file/,
    hint: /lastgood rollback --plan --json > plan\.json/,
    serving: r2,
  })
})

test('while somebody is at work: whoever comes second is told who that is, and changes nothing', async () => {
  // The first builds until we say so.
  const go = join(service.lab.dir, 'go')
  const build = `import { existsSync } from 'node:fs'
const look = setInterval(() => existsSync(${JSON.stringify(go)}) && clearInterval(look), 10)
`
  await service.commit('1.2.0', null, { 'build.mjs': build })
  const runs = await count('RunStarted')
  const first = service.lastgood(['deploy', '--yes'])
  await waitUntil(async () => (await count('RunStarted')) > runs, { what: 'the first to begin' })

  const [second, deploy] = await Promise.all([
    service.lastgood(['rollback', 'r1', '--yes', '--json']),
    service.lastgood(['deploy', '--yes']),
  ])
  expect(second.json).toMatchObject({ ok: false, exit: 40, code: 'LEASE_HELD' })
  expect(second.json.message).toMatch(/\S+@\S+ \(pid \d+\) holds tiny since \S+: deploy r2 -> r3/)
  expect(second.json.hint).toMatch(/lastgood resume/)
  expect(deploy.stdout).toMatch(/\(LEASE_HELD\)/)
  expect(deploy.stdout.trimEnd().split('\n').at(-1)).toMatch(/^Serving now: /)
  expect(deploy.exit).toBe(40)

  await writeFile(go, '')
  expect((await first).exit).toBe(0)
  expect(await service.answer()).toMatchObject({ version: '1.2.0', release: 'r3' })
  expect(await count('RunStarted')).toBe(runs + 1)
})

test('two rollbacks at the same moment: one is done, the other is refused', async () => {
  await service.ok('deploy', 'v1.1.0', '--yes')
  const before = await count('RunStarted')
  const both = await Promise.all([1, 2].map(() => service.lastgood(['rollback', 'r1', '--yes', '--json'])))
  const [done, refused] = both.toSorted((a, b) => a.exit - b.exit)
  expect(done?.json).toMatchObject({ ok: true, outcome: 'succeeded' })
  expect(['LEASE_HELD', 'STALE_PLAN', 'TARGET_IS_LIVE']).toContain(refused?.json.code)
  expect(await count('RunStarted')).toBe(before + 1)
  expect(await service.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
  await service.ok('journal', 'verify')
})
