import { execFile } from 'node:child_process'
import { Agent, get } from 'node:http'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, unitsOf } from './refusal.ts'

const exec = promisify(execFile)
/** What a shell, JSON and pm2 each like to change. */
const odd = `it's "5 $HOME" \`id\` \\n!`
let service: TinyService

beforeAll(async () => {
  service = await openTinyService('adopt', { env: { MESSAGE: '$' + '{TINY_MESSAGE}' } })
  await service.commit('1.0.0')
})
afterAll(() => service.close())

const lastgood = (...args: string[]) => service.lastgood([...args, '--json'], { env: { TINY_MESSAGE: odd } })

/** Some clients that keep their connections, and what became of each of their requests. */
function startClients(count: number): {
  stop(): Promise<{ versions: Map<string, number>; failures: string[] }>
} {
  const agent = new Agent({ keepAlive: true })
  const versions = new Map<string, number>()
  const failures: string[] = []
  let stopped = false
  const one = () =>
    new Promise<void>((resolve) => {
      const fail = (why: string) => resolve(void failures.push(why))
      const sent = get(service.url, { agent }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += String(chunk)
        })
        response.on('error', ({ message }) => fail(message))
        response.on('end', () => {
          if (response.statusCode !== 200) return fail(`status ${response.statusCode}`)
          const { version } = JSON.parse(text) as { version: string }
          versions.set(version, (versions.get(version) ?? 0) + 1)
          resolve()
        })
      })
      sent.on('error', ({ message }) => fail(message))
    })
  const client = async () => {
    while (!stopped) await one()
  }
  const clients = Array.from({ length: count }, client)
  return {
    async stop() {
      stopped = true
      await Promise.all(clients)
      agent.destroy()
      return { versions, failures }
    },
  }
}

test('nothing runs that could be adopted', async () => {
  expect((await lastgood('adopt', '--yes')).json).toMatchObject({ exit: 11, code: 'NOT_RUNNING' })
  expect(await eventsOf(service)).toEqual([])
})

test('what somebody started by hand becomes r1, and its processes do not notice', async () => {
  const started = await service.lab.pm2().run(['start', 'index.mjs', '--name', 'tiny', '-i', '2'], {
    cwd: service.repo,
    env: { PORT: String(service.port), COLOUR: 'blue' },
  })
  expect(started.exitCode, started.stderr).toBe(0)
  await expect.poll(() => service.answer()).toMatchObject({ version: '1.0.0' })
  const before = await unitsOf(service)
  expect(before).toHaveLength(2)

  expect((await lastgood('adopt', '--plan')).json).toMatchObject({ ok: true, release: 'r1' })
  expect(await eventsOf(service)).toEqual([])
  const adopted = await lastgood('adopt', '--yes')
  expect(adopted.json, adopted.stdout).toMatchObject({
    ok: true,
    release: { id: 'r1', adopted: true, version: '1.0.0' },
    serving: { text: expect.stringMatching(/^r1 \(v1\.0\.0, \w{7}\) on 2 instances$/) },
  })
  expect(await unitsOf(service)).toEqual(before)
  expect((await lastgood('verify')).json).toMatchObject({ ok: true, verification: { outcome: 'passed' } })
  expect((await lastgood('adopt', '--yes')).json).toMatchObject({ exit: 11, code: 'ALREADY_MANAGED' })
})

test('deploy on top of it, then back to it under traffic: not one request fails', async () => {
  await service.commit('1.1.0')
  const deployed = await lastgood('deploy', '--yes')
  expect(deployed.json, deployed.stdout).toMatchObject({ ok: true, plan: { from: 'r1', to: 'r2' } })
  expect((await unitsOf(service)).map((line) => line.split(' ')[0])).toEqual(['tiny-r2', 'tiny-r2'])
  expect((await service.answer())?.names).not.toContain('COLOUR')
  expect((await lastgood('doctor')).json).toMatchObject({ ok: true, ready: true })

  const clients = startClients(4)
  const back = await lastgood('rollback', 'r1', '--yes', '--reason', 'it is slow')
  const { versions, failures } = await clients.stop()
  expect(back.json, back.stdout).toMatchObject({ ok: true, plan: { from: 'r2', to: 'r1' } })
  expect(failures).toEqual([])
  expect([...versions.keys()].sort()).toEqual(['1.0.0', '1.1.0'])
  const answer = await service.answer()
  expect(answer).toMatchObject({ version: '1.0.0', release: 'r1' })
  expect(answer?.names).toContain('COLOUR')
})

test('the runbook: its "Go back" block, pasted into a shell that knows nothing, brings the last good one back', async () => {
  await service.commit('1.2.0')
  expect((await lastgood('deploy', '--yes')).json).toMatchObject({ plan: { from: 'r1', to: 'r3' } })
  await service.commit('1.3.0')
  expect((await lastgood('deploy', '--yes')).json).toMatchObject({ plan: { from: 'r3', to: 'r4' } })

  const { stdout } = await service.lastgood(['runbook'], { env: { TINY_MESSAGE: odd } })
  expect(stdout).not.toContain(odd)
  const [, block = ''] = /## Go back to r3\n\n```bash\n([\s\S]*?)```/.exec(stdout) ?? []
  const env = { HOME: service.lab.dir, PATH: '/usr/bin:/bin', ...service.lab.env }
  await exec('bash', ['-e', '-c', block], { env, cwd: '/' })

  await expect.poll(() => service.answer()).toMatchObject({ version: '1.2.0', release: 'r3' })
  const list = await service.lab.pm2().list()
  expect(list.map(({ name }) => name)).toEqual(['tiny-r3', 'tiny-r3'])
  expect(list.map(({ pm2_env: of }) => of.MESSAGE ?? (of.env as Record<string, unknown>).MESSAGE)).toEqual([
    odd,
    odd,
  ])

  for (const [title, count] of [
    ['Health', 2],
    ['Smoke tests', 1],
  ] as const) {
    const [, commands = ''] = new RegExp(`## ${title}\n\n\`\`\`bash\n([\\s\\S]*?)\`\`\``).exec(stdout) ?? []
    expect(commands.trimEnd().split('\n')).toHaveLength(count)
    await exec('bash', ['-e', '-c', commands], { env })
  }
})

test('lastgood sees what was done by hand, and takes over from there', async () => {
  const seen = await lastgood('verify')
  expect(seen.json).toMatchObject({ exit: 32, code: 'NOT_WELL' })
  expect(seen.json.message).toMatch(/2 instances serve r3 .*expected only r4/)
  const back = await lastgood('rollback', 'r3', '--yes', '--reason', 'went back by hand')
  expect(back.json, back.stdout).toMatchObject({ ok: true, plan: { to: 'r3' } })
  expect((await lastgood('verify')).json).toMatchObject({ ok: true })
})
