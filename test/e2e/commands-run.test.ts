import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listCommands } from '../../lab/reaper/process-table.mjs'
import { waitUntil } from '../../lab/wait-until.ts'
import { openTinyService, type Ran, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal } from './refusal.ts'

const secret = `s3cr3t'${process.pid}"$x`
let service: TinyService
const printed: string[] = []
const commandLines = new Set<string>()

beforeAll(async () => {
  service = await openTinyService('run', { keep: 2, env: { TOKEN: '$' + '{TINY_TOKEN}' } })
})
afterAll(() => service.close())

/** Everything it says is kept, and everybody's command line while it runs. */
async function lastgood(...args: string[]): Promise<Ran> {
  let ended = false
  const running = service.lastgood(args, { env: { TINY_TOKEN: secret } }).finally(() => {
    ended = true
  })
  const look = () => {
    // What the operator types into --reason is on the operator's own command line.
    for (const command of listCommands()) if (!command.includes('--reason')) commandLines.add(command)
    return ended
  }
  await waitUntil(look, { what: args.join(' '), timeoutMs: 60_000, everyMs: 20 })
  const ran = await running
  printed.push(ran.stdout, ran.stderr)
  return ran
}

async function deploy(version: string, ...more: string[]): Promise<Ran> {
  await service.commit(version)
  const ran = await lastgood('deploy', '--yes', '--json', ...more)
  expect(ran.exit, ran.stdout).toBe(0)
  return ran
}

const kept = async () => (await readdir(join(service.home, 'services', 'tiny', 'releases'))).sort()

test('retention keeps what serves and the last two proven ones, and takes the files of the others', async () => {
  for (const version of ['1.0.0', '1.1.0', '1.2.0']) await deploy(version)
  expect(await kept()).toEqual(['r1', 'r2', 'r3'])
  await deploy('1.3.0')
  expect(await kept()).toEqual(['r2', 'r3', 'r4'])
  // One that is bad takes nobody's place.
  expect((await lastgood('rollback', '--yes', '--json', 'r3', '--reason', `leaks ${secret}`)).exit).toBe(0)
  await deploy('1.4.0')
  expect(await kept()).toEqual(expect.arrayContaining(['r2', 'r3', 'r5']))
  await expectRefusal(service, ['rollback', 'r1', '--yes'], {
    code: 'RELEASE_FILES_GONE',
    exit: 11,
    says: /r1 cannot be started: its files were removed by retention on \d{4}-/,
    hint: /lastgood releases .*lastgood deploy \w{40}/,
    serving: /r5 /,
    env: { TINY_TOKEN: secret },
  })
})

test('the secret is nowhere but in the launch files, and those are 0600', async () => {
  for (const args of [
    ['status'],
    ['doctor'],
    ['releases'],
    ['verify'],
    ['runbook'],
    ['journal', 'export'],
    ['journal', 'verify'],
  ]) {
    await lastgood(...args)
  }
  for (const args of [
    ['status', '--json'],
    ['runbook', '--json'],
    ['rollback', '--plan', 'r3', '--debug'],
  ]) {
    await lastgood(...args)
  }
  const forms = [secret, JSON.stringify(secret).slice(1, -1)]
  const shows = (text: string) => forms.some((form) => text.includes(form))
  expect(printed.filter(shows)).toEqual([])
  expect([...commandLines].filter(shows)).toEqual([])
  expect([...commandLines].some((command) => command.includes('pm2'))).toBe(true)

  const files = await readdir(service.home, { recursive: true, withFileTypes: true })
  const launches: string[] = []
  for (const file of files.filter((each) => each.isFile())) {
    const path = join(file.parentPath, file.name)
    if (!shows(await readFile(path, 'utf8'))) continue
    expect(file.name, path).toBe('launch.json')
    expect((await stat(path)).mode & 0o777, path).toBe(0o600)
    launches.push(path)
  }
  expect(launches).toHaveLength((await kept()).length)
  expect((await service.answer())?.names).toContain('TOKEN')
})

test('a rollback elsewhere ends the bake of a deploy that is being watched', async () => {
  await service.configure({ bake: '1h' })
  await service.commit('2.0.0')
  const before = (await eventsOf(service)).filter((type) => type === 'RunSucceeded').length
  const baking = lastgood('deploy', '--yes', '--json')
  const deployed = async () =>
    (await eventsOf(service)).filter((type) => type === 'RunSucceeded').length > before
  await waitUntil(deployed, { what: 'the deploy to bake', timeoutMs: 60_000 })
  expect((await lastgood('doctor')).stdout).toMatch(/! proof +r6 serves and is not proven yet/)

  expect((await lastgood('rollback', '--yes', '--json')).json).toMatchObject({
    plan: { from: 'r6', to: 'r5' },
  })
  expect((await baking).json).toMatchObject({ bake: 'superseded', serving: { release: 'r5' } })
  expect(await service.answer()).toMatchObject({ version: '1.4.0' })
})

test('with a warm standby doctor says so, and status names it', async () => {
  await service.configure({ bake: '250ms', standby: 'warm' })
  await deploy('2.1.0')
  expect((await lastgood('status', '--json')).json).toMatchObject({ wayBack: 'r5', standby: ['r5', 'r5'] })
  const doctor = await lastgood('doctor')
  expect(doctor.exit, doctor.stdout).toBe(0)
  expect(doctor.stdout).toMatch(/✓ way +let the warm standby take over, no gap/)
  const back = await lastgood('rollback', 'r5', '--yes', '--json')
  expect(back.json).toMatchObject({ ok: true, plan: { way: 'standby' } })
  expect(await service.answer()).toMatchObject({ version: '1.4.0', release: 'r5' })
})
