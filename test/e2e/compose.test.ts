import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFailed, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { judgeSwitch } from '../../lab/judge-switch.ts'
import { runOrFail } from '../../lab/run.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { crashPointsOf } from '../../src/executor/crash-points.ts'
import { exhaustive, sampled } from '../support/sampled.ts'
import { openTinyOnCompose, type TinyOnCompose } from '../support/tiny-on-compose.ts'

const BAD = [
  ['crash-on-boot', 'CANDIDATE_CRASHED'],
  ['never-listens', 'CANDIDATE_NOT_READY'],
  ['never-ready', 'CANDIDATE_SICK'],
] as const
const STEPS = [
  { kind: 'check-target' },
  { kind: 'start-candidate' },
  { kind: 'probe-candidate' },
  { kind: 'switch-traffic' },
  { kind: 'verify' },
  { kind: 'stop-old' },
] as const
const INSIDE = ['switch-traffic/activated', 'switch-traffic/routed']

const programs = await findDocker()
if ('missing' in programs) test.skip(`Compose: ${programs.missing}`)

describe.skipIf('missing' in programs)('a service on Compose behind HAProxy', () => {
  let tiny: TinyOnCompose
  beforeAll(async () => {
    if ('missing' in programs) return
    tiny = await openTinyOnCompose('compose', programs)
    await tiny.commit('1.0.0')
  })
  afterAll(() => tiny?.close())

  const serving = async () => {
    const { json } = await tiny.lastgood(['status', '--json'])
    return (json.instances as { release: string; state: string }[]).map(
      (each) => `${each.release} ${each.state}`,
    )
  }

  test('deploys beside what serves, and a rollback loses no request', async () => {
    await tiny.ok('deploy', '--yes')
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
    expect(await tiny.engine.docker('images', '-q', 'lastgood/tiny:r1')).not.toBe('')
    const madeByCompose = await tiny.asked()
    // What it is made from again is this, and not what Compose says.
    const kept = join(tiny.home, 'services/tiny/containers/tiny-r1.json')
    writeFileSync(kept, readFileSync(kept, 'utf8').replace('"Labels":{', '"Labels":{"kept":"yes",'))
    await tiny.commit('1.1.0')
    const traffic = await startTraffic({ url: tiny.url, rate: 100 })
    await tiny.ok('deploy', '--yes')
    expect(await tiny.answer()).toMatchObject({ version: '1.1.0' })
    const at = traffic.mark('rollback')
    await tiny.ok('rollback', 'r1', '--yes', '--reason', 'a test')
    await tiny.ok('verify')
    const samples = await traffic.stop()
    expect(judgeSwitch(samples, 'none', 0), 'from the first deploy on').toMatchObject({ failures: {} })
    const { requests } = judgeSwitch(samples, '1.1.0', at)
    expect(requests).toBeGreaterThan(100)
    expect(await serving()).toEqual(['r1 listening', 'r1 listening'])
    expect(await tiny.units()).toEqual(['tiny-r1', 'tiny-r1'])
    const labelled = madeByCompose.map((each) => ({ ...each, labels: { ...each.labels, kept: 'yes' } }))
    expect(await tiny.asked(), 'the engine was told the same').toEqual(labelled)
  })

  test('what a release is written with comes back as it was, and no file of it is left', async () => {
    const answer = await tiny.answer()
    expect(answer?.names).toContain('PRICE')
    const [id] = await tiny.containers()
    const env = await tiny.engine.docker('inspect', '--format', '{{json .Config.Env}}', id ?? '')
    expect(JSON.parse(env)).toContain('PRICE=5$')
    const artifact = join(tiny.home, 'services/tiny/releases/r1/app')
    expect(JSON.parse(readFileSync(join(artifact, 'lastgood-compose.json'), 'utf8'))).toHaveProperty(
      'services.app',
    )
    expect(existsSync(join(tiny.home, 'services/tiny/runbook.md'))).toBe(true)
  })

  test.each(sampled(BAD))('a release with %s leaves the old containers serving', async (flaw, code) => {
    await tiny.configure({ startTimeout: flaw === 'never-listens' ? '5s' : '20s' })
    await tiny.commit(`2.0.0-${flaw}`, flaw)
    const before = await tiny.containers()
    const refused = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(refused.json).toMatchObject({ code })
    expect(await tiny.containers()).toEqual(before)
    expect(await tiny.answer()).toMatchObject({ release: 'r1' })
  })

  test.skipIf(!exhaustive)(
    'a release that is sick after a minute is left, while it bakes under the judge',
    async () => {
      await tiny.configure({
        startTimeout: '20s',
        bake: '2m',
        extra: 'watch: { policy: act, countdown: 0s }',
      })
      await tiny.commit('2.1.0', 'sick-after-a-minute')
      const traffic = await startTraffic({ url: tiny.url, rate: 50 })
      const { exit, json } = await tiny.lastgood(['deploy', '--yes', '--watch', '--json'])
      await traffic.stop()
      expect(exit, JSON.stringify(json)).toBe(29)
      expect(json).toMatchObject({ code: 'FOUND_BAD', serving: { release: 'r1' } })
      expect(await serving()).toEqual(['r1 listening', 'r1 listening'])
      await tiny.configure({ bake: '250ms', extra: '' })
    },
  )

  /** Goes to the other of the two good releases, is killed on the way, and goes on. */
  const killAt = async (point: string, beforeResume: () => Promise<void> = async () => {}) => {
    await tiny.configure({ startTimeout: '20s' })
    // Whatever becomes of it, the next one finds nothing half done.
    onTestFailed(async () => {
      tiny.expireLease()
      await tiny.lastgood(['resume', '--yes'])
    })
    const [now] = await serving()
    const to = now?.startsWith('r1') ? 'r2' : 'r1'
    await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
    const killed = await tiny.lastgood(['rollback', to, '--yes'], { at: point })
    expect(killed.exit, killed.stdout).toBe(137)
    await beforeResume()
    tiny.expireLease()
    await tiny.ok('resume', '--yes')
    expect(await serving()).toEqual([`${to} listening`, `${to} listening`])
    expect(await tiny.units()).toEqual([`tiny-${to}`, `tiny-${to}`])
    expect(await tiny.leftovers(to)).toEqual([])
    expect(await tiny.answer()).toMatchObject({ release: to })
  }

  test.each(exhaustive ? [...INSIDE, ...crashPointsOf(STEPS)] : ['switch-traffic/routed'])(
    'a rollback that is killed at %s goes on where it was',
    (point) => killAt(point),
  )

  test.each(
    exhaustive
      ? ['start-candidate/done', ...INSIDE, 'switch-traffic/done', 'stop-old/started']
      : ['switch-traffic/activated'],
  )('killed at %s, and the engine restarted before it goes on', (point) =>
    killAt(point, async () => {
      await tiny.engine.stop()
      await tiny.engine.start()
    }),
  )

  test('after a restart of the engine the same release serves, without lastgood', async () => {
    const before = await tiny.answer()
    await tiny.engine.stop()
    expect((await tiny.lastgood(['deploy', '--yes', '--json'])).json).toMatchObject({
      exit: 15,
      code: 'RUNTIME_DOWN',
    })
    await tiny.engine.start()
    await waitUntil(async () => (await tiny.answer())?.release === before?.release, {
      what: 'HAProxy to find it again',
    })
  })

  test('the runbook, pasted into a shell, goes back without lastgood, which sees it and goes on from there', async () => {
    const [now] = await serving()
    const other = now?.startsWith('r1') ? 'r2' : 'r1'
    await tiny.ok('releases', 'mark', 'proven', other, '--reason', 'it is', '--yes')
    const { stdout } = await tiny.lastgood(['runbook'])
    const [, to = '', block = ''] = /## Go back to (r\d+)\n\n```bash\n([\s\S]*?)```/.exec(stdout) ?? []
    const env = { HOME: tiny.lab.dir, PATH: '/usr/bin:/bin', ...tiny.lab.env }
    await runOrFail('bash', ['-e', '-c', block], { env, cwd: '/' })
    await waitUntil(async () => (await tiny.answer())?.release === to, { what: 'what was started by hand' })
    expect(await serving()).toEqual([`${to} running`, `${to} running`])
    await tiny.ok('rollback', to, '--yes', '--reason', 'went back by hand')
    await tiny.ok('verify')
  })

  test('a router that does not answer is known before anything is touched; lost half way, what serves serves on', async () => {
    const [now] = await serving()
    const [live, to] = now?.startsWith('r1') ? ['r1', 'r2'] : ['r2', 'r1']
    await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
    const path = join(tiny.lab.dir, 'proxy/admin.sock')
    const real = `${path}.real`
    await rename(path, real)
    const { json } = await tiny.lastgood(['rollback', to, '--yes', '--json'])
    expect(json).toMatchObject({ code: 'ROUTER_DOWN', exit: 15, serving: { release: live } })
    const doctor = await tiny.lastgood(['doctor'])
    expect(doctor.stdout).toMatch(/✗ runtime +HAProxy does not answer/)

    // From here on it says how it is, and hangs up on whoever tells it to change anything.
    const deaf = createServer({ allowHalfOpen: true }, (asker) => {
      asker.once('data', (command) => {
        if (/set server/.test(String(command))) return asker.destroy()
        const haproxy = connect(real, () => haproxy.end(command))
        haproxy.pipe(asker)
      })
      asker.on('error', () => {})
    })
    await new Promise<void>((resolve) => deaf.listen(path, resolve))
    const stopped = await tiny.lastgood(['rollback', to, '--yes', '--json'])
    expect(stopped.json).toMatchObject({ code: 'PUT_BACK_FAILED', exit: 31, serving: { release: live } })
    expect(await tiny.answer()).toMatchObject({ release: live })
    await new Promise((resolve) => deaf.close(resolve))

    await rename(real, path)
    await tiny.ok('resume', '--put-back', '--yes')
    expect(await serving()).toEqual([`${live} listening`, `${live} listening`])
    expect(await tiny.leftovers(live)).toEqual([])
  })

  test('another home does not lay hands on it, and an image that is gone is seen before anything is touched', async () => {
    const elsewhere = { env: { LASTGOOD_HOME: join(tiny.lab.dir, 'other') } }
    const refused = await tiny.lastgood(['deploy', '--yes', '--json'], elsewhere)
    expect(refused.json).toMatchObject({ exit: 16, code: 'MANAGED_ELSEWHERE' })

    const [now] = await serving()
    const to = now?.startsWith('r1') ? 'r2' : 'r1'
    await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
    await tiny.engine.docker('image', 'prune', '--force')
    expect((await tiny.lastgood(['rollback', to, '--plan', '--json'])).exit).toBe(0)
    await tiny.engine.docker('rmi', '--force', `lastgood/tiny:${to}`)
    expect((await tiny.lastgood(['rollback', to, '--yes', '--json'])).json).toMatchObject({
      code: 'RELEASE_FILES_GONE',
    })
    expect((await tiny.lastgood(['doctor'])).stdout).toContain('is not on this host')
  })

  test('a build that fails is told in the words of its builder, and what is handed to it is in no command line', async () => {
    if ('missing' in programs) return
    const bin = join(tiny.lab.dir, 'bin')
    const calls = join(tiny.lab.dir, 'docker-calls')
    await mkdir(bin)
    const noting = `#!/bin/sh\necho "$*" >>${calls}\nexec ${programs.docker} "$@"\n`
    await writeFile(join(bin, 'docker'), noting, { mode: 0o755 })
    const env = { PATH: `${bin}:${tiny.engine.env.PATH}`, TOKEN: 'tok-8c1f' }
    // The lab's engine has no network of its own for a command of BuildKit's.
    const apart = programs.buildx === null ? '' : '--network=none '
    const words = 'echo begin; echo "these types do not fit" >&2; exit 3'
    await tiny.commit('2.9.0', null, {
      Dockerfile: `FROM node:20-bookworm-slim\nARG TOKEN\nWORKDIR /app\nRUN ${apart}test -n "$TOKEN" && { ${words}; }\nCOPY package.json index.mjs ./\nUSER node\nCMD ["node", "index.mjs"]\n`,
      'compose.yaml': `services: { app: { build: { context: ., args: { TOKEN: "$\{TOKEN}" } }, expose: ["3000"] } }\n`,
    })
    const { json, stdout } = await tiny.lastgood(['deploy', '--yes', '--json'], { env })
    expect(json).toMatchObject({ code: 'BUILD_FAILED', details: expect.any(Array) })
    const told = (json.details as string[]).join('\n')
    expect(told).toMatch(/^(#?\S+ [\d.]+ )?these types do not fit$/m)
    expect(told).toMatch(programs.buildx === null ? /non-zero code: 3/ : /failed to solve:.*exit code: 3/)
    const called = readFileSync(calls, 'utf8')
    expect(called).toMatch(/^build .*--build-arg TOKEN /m)
    expect(`${called}${stdout}`).not.toContain('tok-8c1f')
  })

  test('a Compose file without the service, or that is none, is refused before anything is built', async () => {
    await tiny.commit('3.0.0', null, { 'compose.yaml': 'version: "3.8"\nservices: { web: { image: x } }\n' })
    const refused = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(refused.json).toMatchObject({ exit: 14, code: 'COMPOSE_INVALID' })
    expect(String(refused.json.message)).toContain('there is no service app; it has: web')
    await tiny.commit('3.0.1', null, { 'compose.yaml': 'services:\n  app: [\n' })
    const broken = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(broken.json).toMatchObject({ exit: 14, code: 'COMPOSE_INVALID' })
  })
})
