import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitUntil } from '../../lab/wait-until.ts'
import { canMount, mountSmallDisk } from '../support/small-disk.ts'
import { git } from '../support/temporary-project.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal } from './refusal.ts'

/** A disk of its own, 3 MB: only root can make one. */
const possible = canMount()
const r1 = /r1 \(v1\.0\.0, \w{7}\) on 2 instances/
let service: TinyService
let disk: Disposable | null = null

beforeAll(async () => {
  if (!possible) return
  service = await openTinyService('bad-disk')
  disk = mountSmallDisk(service.home)
  await service.commit('1.0.0')
  await service.ok('deploy', '--yes')
})
afterAll(async () => {
  disk?.[Symbol.dispose]()
  await service?.close()
})

test.skipIf(!possible)(
  'the disk fills up while building: put back, and nothing half-made stays',
  async () => {
    // It stays full for longer than a heartbeat of the run: that one fails, and the run is not cut short by it.
    const fill = `import { writeFileSync } from 'node:fs'
try { writeFileSync('big', Buffer.alloc(8e6)) } catch (error) { setTimeout(() => { throw error }, 3000) }
`
    await writeFile(join(service.repo, 'build.mjs'), fill)
    git(service.repo, 'commit', '-q', '--all', '--message', 'A big one')
    await expectRefusal(service, ['deploy', '--yes'], {
      code: 'DISK_FULL',
      exit: 19,
      says: /No space is left where the new release is written/,
      hint: /df -h \S+/,
      serving: r1,
      events: ['RunStarted', 'StepStarted', 'StepFailed', 'RunPutBack'],
    })
  },
)

test.skipIf(!possible)(
  'the disk is full before anything begins: no step is taken that cannot be recorded',
  async () => {
    await writeFile(join(service.home, 'ballast'), Buffer.alloc(4e6)).catch(() => {})
    const before = await eventsOf(service)
    const ran = await service.lastgood([
      'releases',
      'mark',
      'bad',
      'r1',
      '--reason',
      'it is slow',
      '--yes',
      '--json',
    ])
    expect(ran.json, ran.stdout).toMatchObject({ exit: 19, code: 'DISK_FULL' })
    const deploy = await service.lastgood(['deploy', '--yes'])
    expect(deploy.exit, deploy.stdout).toBe(19)
    expect(deploy.stdout.trimEnd().split('\n').at(-1)).toMatch(r1)
    expect(await eventsOf(service)).toEqual(before)
    expect(await service.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
  },
)

test.skipIf(!possible)('a watcher outlives a full disk, and looks again once there is room', async () => {
  const ballast = join(service.home, 'ballast')
  const { child, ended } = service.begin(['watch'])
  let said = ''
  child.stdout?.on('data', (text) => {
    said += text
  })
  await waitUntil(() => /No space is left .* Nothing is judged until there is/s.test(said), {
    what: 'its complaint',
  })
  await rm(ballast)
  const watches = async () =>
    (await service.ok('status')).json.watcher !== null && said.includes('Watching tiny')
  await waitUntil(watches, { what: 'the watching', timeoutMs: 30_000, everyMs: 200 })
  child.kill('SIGINT')
  expect(await ended).toMatchObject({ exit: 0 })
})
