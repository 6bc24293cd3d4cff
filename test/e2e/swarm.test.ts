import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importImages } from '../../lab/docker/base-image.ts'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { type LabEngine, startEngine } from '../../lab/docker/start-engine.ts'
import { createSwarmService, initSwarm } from '../../lab/docker/swarm-service.ts'
import { judgeSwitch } from '../../lab/judge-switch.ts'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { exhaustive } from '../support/sampled.ts'
import { openTinyServiceOn, type TinyService } from '../support/tiny-service.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Swarm: ${programs.missing}`)
else if (!exhaustive) test.skip('Swarm: takes minutes; npm run test:exhaustive')

/** One node: three would need three engines, each in a network of its own. */
describe.skipIf('missing' in programs || !exhaustive)('a service of a swarm', () => {
  let lab: Lab
  let engine: LabEngine
  let tiny: TinyService
  beforeAll(async () => {
    if ('missing' in programs) return
    lab = await openLab({ name: 'swarm' })
    engine = await startEngine(lab, programs)
    await importImages(engine, join(lab.dir, 'images'))
    const port = await lab.freePort()
    await initSwarm(engine)
    await createSwarmService(engine, join(lab.dir, 'service'), {
      ...{ name: 'tiny_app', port, image: 'node:20-bookworm-slim', replicas: 0 },
      options: ['--update-monitor', '500ms', '--env', 'PORT=3000', '--env', 'HOST=0.0.0.0'],
    })
    tiny = await openTinyServiceOn(
      lab,
      async () => ({
        port,
        env: engine.env,
        runtime: () => ({
          build: '[]',
          runtime: { kind: 'swarm', service: 'tiny_app', port: 3000, instances: 2 },
          env: {},
        }),
        files: {
          Dockerfile:
            'FROM node:20-bookworm-slim\nWORKDIR /app\nCOPY package.json index.mjs ./\nCMD ["node", "index.mjs"]\n',
        },
        open: async () => {},
      }),
      { startTimeout: '20s', window: '1s' },
    )
    await tiny.commit('1.0.0')
  })
  afterAll(() => lab?.close())

  const serving = async () => {
    const { json } = await tiny.lastgood(['status', '--json'])
    return (json.instances as { release: string; state: string }[]).map(
      (each) => `${each.release} ${each.state}`,
    )
  }

  test('deploys and goes back, task by task, and loses no request', async () => {
    await tiny.ok('deploy', '--yes')
    await waitUntil(async () => (await tiny.answer())?.version === '1.0.0', { what: 'the first release' })
    await tiny.commit('1.1.0')
    const traffic = await startTraffic({ url: tiny.url, rate: 100 })
    await tiny.ok('deploy', '--yes')
    await tiny.ok('rollback', 'r1', '--yes', '--reason', 'a test')
    const samples = await traffic.stop()
    expect(judgeSwitch(samples, 'none', 0)).toMatchObject({ failures: {} })
    expect(await serving()).toEqual(['r1 running', 'r1 running'])
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0', release: 'r1' })
  })

  test('a task that cannot be placed: the reason is said, and what serves serves on', async () => {
    await engine.docker(
      'service',
      'update',
      '--detach',
      '--constraint-add',
      'node.labels.fast==yes',
      'tiny_app',
    )
    await tiny.commit('1.2.0')
    await tiny.configure({ startTimeout: '4s' })
    const { json } = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(json).toMatchObject({ code: 'CANDIDATE_NOT_READY' })
    expect(JSON.stringify(json.details)).toContain('no suitable node')
    expect(await tiny.answer()).toMatchObject({ version: '1.0.0' })
  })

  test('a rollback that is killed in the middle of the switch goes on where it was', async () => {
    await tiny.configure({ startTimeout: '20s' })
    await tiny.ok('releases', 'mark', 'proven', 'r2', '--reason', 'it is', '--yes')
    const killed = await tiny.lastgood(['rollback', 'r2', '--yes'], { at: 'switch-traffic/activated' })
    expect(killed.exit, killed.stdout).toBe(137)
    tiny.expireLease()
    await tiny.ok('resume', '--yes')
    expect(await serving()).toEqual(['r2 running', 'r2 running'])
    expect(await engine.docker('service', 'ls', '--format', '{{.Name}}')).toBe('tiny_app')
  })
})
