import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { startRegistry } from '../../lab/docker/start-registry.ts'
import { Engine } from '../../src/docker/engine.ts'
import { forgetImage, inspectImage, releaseTag, tagImage } from '../../src/docker/images.ts'
import { archiveForeignImage } from '../support/foreign-image.ts'
import { exhaustive } from '../support/sampled.ts'
import { canMount, mountSmallDisk } from '../support/small-disk.ts'
import { openTinyOnCompose, type TinyOnCompose } from '../support/tiny-on-compose.ts'

const programs = await findDocker()
const registryProgram = 'missing' in programs ? null : programs.registry
if ('missing' in programs) test.skip(`Compose, its images: ${programs.missing}`)
else if (!exhaustive) test.skip('Compose, its images: takes a minute; npm run test:exhaustive')

describe.skipIf('missing' in programs || !exhaustive)('images of a service on Compose', () => {
  let tiny: TinyOnCompose
  beforeAll(async () => {
    if ('missing' in programs) return
    tiny = await openTinyOnCompose('compose-images', programs, { startTimeout: '20s' })
    await tiny.commit('1.0.0')
    await tiny.ok('deploy', '--yes')
  })
  afterAll(() => tiny?.close())

  const refused = async (...args: string[]) => {
    const [before, serving] = [await tiny.containers(), await tiny.answer()]
    const { json } = await tiny.lastgood([...args, '--yes', '--json'])
    expect(await tiny.containers()).toEqual(before)
    expect(await tiny.answer()).toMatchObject({ release: serving?.release })
    return json
  }

  describe.skipIf(registryProgram === null)('with a registry', () => {
    const open = (options = {}) => startRegistry(tiny.lab, registryProgram ?? '', options)

    test('one that is down, and one that refuses the login, take nothing: what serves goes on', async () => {
      await tiny.commit('2.0.0')
      await tiny.configure({ registry: '127.0.0.1:1/shop/tiny' })
      expect(await refused('deploy')).toMatchObject({ code: 'PUSH_FAILED', exit: 20 })
      await tiny.configure({ registry: `${await open({ closed: true })}/shop/tiny` })
      const { code, message, hint } = await refused('deploy')
      expect({ code, message }).toEqual({
        code: 'PUSH_FAILED',
        message: expect.stringMatching(
          /could not be pushed to 127\.0\.0\.1.*(no basic auth credentials|denied)/,
        ),
      })
      expect(hint).toContain('docker login')
    })

    test('an image of another architecture is refused before anything is started', async () => {
      const registry = await open()
      const name = `${registry}/shop/foreign`
      const archive = await archiveForeignImage(join(tiny.lab.dir, 'foreign'), `${name}:1`, 'arm64')
      await tiny.engine.docker('load', '--input', archive)
      await tiny.engine.docker('push', `${name}:1`)
      const digest = await tiny.engine.docker('inspect', '--format', '{{index .RepoDigests 0}}', `${name}:1`)
      await tiny.configure({ registry: `${registry}/shop/tiny` })
      const { code, message } = await refused('deploy', '--image', digest)
      expect({ code, message }).toEqual({
        code: 'IMAGE_WRONG_PLATFORM',
        message: expect.stringMatching(/is for linux\/arm64, and this host is linux\/amd64/),
      })
      const nowhere = digest.replace(/[0-9a-f]{64}$/, '0'.repeat(64))
      expect(await refused('deploy', '--image', nowhere)).toMatchObject({ code: 'PULL_FAILED', exit: 14 })
    })

    test('an image that is gone comes back by its digest', async () => {
      await tiny.configure({ registry: `${await open()}/shop/tiny` })
      await tiny.commit('3.0.0')
      const { json } = await tiny.ok('deploy', '--yes')
      const { to } = json.plan as { to: string }
      await tiny.commit('3.1.0')
      await tiny.ok('deploy', '--yes')
      await tiny.ok('releases', 'mark', 'proven', to, '--reason', 'it is', '--yes')
      const all = await tiny.engine.docker('images', '--quiet', `lastgood/tiny:${to}`)
      await tiny.engine.docker('rmi', '--force', all)
      await tiny.ok('rollback', to, '--yes')
      expect(await tiny.answer()).toMatchObject({ version: '3.0.0' })
    })
  })

  test.skipIf(registryProgram === null)(
    'an image goes with the last release that has it, however it is called',
    async () => {
      const registry = `${await startRegistry(tiny.lab, registryProgram ?? '')}/shop/tiny`
      const [one, two] = [releaseTag('tiny', 'r98'), releaseTag('tiny', 'r99')]
      const pushed = `${registry}:tiny-r98`
      const { docker, address } = tiny.engine
      await docker(
        'load',
        '--input',
        await archiveForeignImage(join(tiny.lab.dir, 'shared'), pushed, 'amd64'),
      )
      await docker('push', pushed)
      const id = await docker('inspect', '--format', '{{.Id}}', pushed)
      const digest = await docker('inspect', '--format', '{{index .RepoDigests 0}}', pushed)
      const engine = new Engine(address)
      for (const tag of [one, two]) await tagImage(engine, id, tag)

      await forgetImage(engine, one)
      expect(await inspectImage(engine, id)).toMatchObject({ tags: ['lastgood/tiny:r99'] })
      await tagImage(engine, id, { repo: 'mine', tag: '1' })
      await forgetImage(engine, two)
      expect(await inspectImage(engine, id)).toMatchObject({ tags: ['mine:1'] })
      await tagImage(engine, id, two)
      await docker('rmi', 'mine:1')
      // As for a node of a swarm, or with --image.
      await docker('pull', digest)
      await forgetImage(engine, two)
      await forgetImage(engine, two)
      expect(await inspectImage(engine, id)).toBeNull()
    },
  )

  test('a router that watches the engine asks for a healthcheck, with the line to add', async () => {
    await tiny.configure({})
    const file = join(tiny.repo, 'lastgood.yaml')
    const text = await readFile(file, 'utf8')
    await writeFile(file, text.replace(/"router":\{.*?\}\}/, '"router":{"labels":{}}'))
    await tiny.commit('4.0.0')
    const { code, hint, details } = await refused('deploy')
    expect(code).toBe('HEALTHCHECK_MISSING')
    expect(`${hint} ${details}`).toContain("fetch('http://127.0.0.1:3000/ready')")
    const labels = 'labels: ["traefik.http.routers.tiny.rule=PathPrefix(`/`)"]'
    await tiny.commit('4.1.0', null, {
      'compose.yaml': `services: { app: { build: ., expose: ["3000"], ${labels} } }\n`,
    })
    const { code: second, message } = await refused('deploy')
    expect({ second, message }).toEqual({
      second: 'COMPOSE_INVALID',
      message: expect.stringContaining('traefik.http.services.tiny.loadbalancer.server.port=3000'),
    })
  })

  // BuildKit takes no folder of its own for it: the disk would have to be the engine's own.
  const oldBuilder = 'missing' in programs || programs.buildx === null
  test.skipIf(!canMount() || !oldBuilder)(
    'an image that the disk has no room for is said to be that',
    async () => {
      const small = join(tiny.lab.dir, 'small')
      using _ = mountSmallDisk(small)
      await tiny.configure({})
      await tiny.engine.stop()
      // Where the engine puts what it is to build.
      await tiny.engine.start({ DOCKER_TMPDIR: small })
      await tiny.commit('5.0.0', null, { 'big.bin': 'x'.repeat(4e6) })
      const { code, exit } = await refused('deploy')
      expect({ code, exit }).toEqual({ code: 'DISK_FULL', exit: 19 })
      await tiny.engine.stop()
      await tiny.engine.start()
    },
  )
})
