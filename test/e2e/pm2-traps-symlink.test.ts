import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { pidsOf, reach, unitsOf } from '../support/trap-watch.ts'

let service: TinyService
let site: string

beforeAll(async () => {
  service = await openTinyService('symlink')
  site = join(service.lab.dir, 'site')
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
})
afterAll(() => service.close())

/** An app as a person deploys it by hand: a folder for each release, and `current` that points to one of them. */
async function makeFolder(name: string): Promise<void> {
  const folder = join(site, name)
  await mkdir(folder, { recursive: true })
  await writeFile(
    join(folder, 'index.cjs'),
    `require('node:http').createServer((_, response) => response.end('{"version":"${name}"}')).listen(${service.port}, '127.0.0.1')`,
  )
}

/** The whole `current` at once, as deploy tools do it. */
async function pointTo(name: string): Promise<void> {
  await symlink(join(site, name), join(site, 'next'))
  await rename(join(site, 'next'), join(site, 'current'))
}

const byHand = (name: string, namespace: string) => [
  ...['start', 'index.cjs', '--name', name, '--namespace', namespace, '-i', '2'],
]

/** Who answers new connections; asked until everyone has had a turn. */
async function versions(): Promise<string[]> {
  const seen = new Set<string>()
  for (let i = 0; i < 12; i++) seen.add(String((await service.answer())?.version))
  return [...seen].sort()
}

test('started by hand inside `current`: a stranger under the name of the service, whatever `current` points to', async () => {
  await makeFolder('old')
  await makeFolder('new')
  await pointTo('old')
  const pm2 = service.lab.pm2()
  await pm2.run(byHand('tiny', 'default'), { cwd: join(site, 'current') })
  await waitUntil(async () => (await versions()).includes('old'), { what: 'the app started by hand' })
  await pointTo('new')
  await pm2.run(['reload', 'all'])
  // The trap itself: PM2 has resolved the link once, and serves the old folder for ever.
  await waitUntil(async () => (await versions()).join() === '1.0.0,old', { what: 'both answering' })

  const verified = await service.lastgood(['verify', '--json'])
  expect(verified.exit).toBe(32)
  expect(verified.json.message).toMatch(/2 instances serve something unknown \(tiny\).*expected only r1/)
})

test('a deploy ends with only its release serving; what shares the namespace lives on', async () => {
  await service.commit('1.1.0')
  await service.ok('deploy', '--yes')
  expect(await versions()).toEqual(['1.1.0'])
  expect(await unitsOf(service)).toEqual(['tiny-r2', 'tiny-r2'])
})

test('a rollback past another one does as well', async () => {
  await service.lab.pm2().run(byHand('tiny', 'tiny'), { cwd: join(site, 'current') })
  await waitUntil(async () => (await versions()).includes('new'), { what: 'the app started by hand' })
  expect((await service.lastgood(['verify', '--json'])).exit).toBe(32)
  const { json } = await service.ok('rollback', '--yes', 'r1')
  expect(json).toMatchObject({ outcome: 'succeeded', serving: { release: 'r1' } })
  expect(await versions()).toEqual(['1.0.0'])
  expect(await unitsOf(service)).toEqual(['tiny-r1', 'tiny-r1'])
  await service.ok('verify')
})

test('an app of another namespace that is called like a release is not touched, and not overwritten', async () => {
  const sleeper = join(service.lab.dir, 'sleeper.cjs')
  await writeFile(sleeper, 'setInterval(() => {}, 1000)')
  const pm2 = service.lab.pm2()
  await pm2.run(['start', sleeper, '--name', 'tiny-r3'])
  const theirs = async () => (await pm2.list()).find(({ name }) => name === 'tiny-r3')?.pid
  const pid = await theirs()
  const before = await pidsOf(service, 'r1')
  await service.commit('3.0.0')
  const ran = await service.lastgood(['deploy', '--yes', '--json'])
  expect(ran.json).toMatchObject({
    exit: 27,
    code: 'RUNTIME_FAILED',
    message: expect.stringContaining("an app named tiny-r3 runs in PM2's namespace default"),
  })
  expect(await theirs()).toBe(pid)
  expect(await pidsOf(service, 'r1')).toEqual(before)

  // The next one has a name of its own; stopping the old release leaves theirs alone.
  await service.ok('deploy', '--yes')
  expect(await theirs()).toBe(pid)
  await reach(service, { 'r4 listening': 2 })
})
