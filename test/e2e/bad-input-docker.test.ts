import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { openLab } from '../../lab/open-lab.ts'
import { openTinyServiceOn } from '../support/tiny-service.ts'

/** A configuration for Compose where there is no engine at all. */
const lab = await openLab({ name: 'no-engine' })
const kinds: Record<string, Record<string, unknown>> = {
  compose: { kind: 'compose', project: 'tiny', service: 'app', program: process.execPath },
  swarm: { kind: 'swarm', service: 'tiny_app', port: 3000 },
}
const settings = { kind: 'compose' }
const tiny = await openTinyServiceOn(lab, async () => ({
  port: await lab.freePort(),
  env: { PATH: process.env.PATH ?? '', DOCKER_HOST: `unix://${join(lab.dir, 'no.sock')}` },
  runtime: () => ({ build: '[]', runtime: kinds[settings.kind] ?? {}, env: {} }),
  files: {},
  open: async () => {},
}))
await tiny.commit('1.0.0')
afterAll(() => lab.close())

test.each(['compose', 'swarm'])(
  '%s without an engine: nothing is done, and what to type is said',
  async (kind) => {
    settings.kind = kind
    await tiny.configure({})
    const { json } = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(json).toMatchObject({ exit: 15, code: 'RUNTIME_DOWN' })
    expect(json.hint).toContain('systemctl start docker')
    expect((await tiny.lastgood(['doctor'])).stdout).toContain('no.sock')
  },
)

test('an engine on another host is refused, and not half used', async () => {
  const env = { DOCKER_HOST: 'tcp://10.0.0.1:2375' }
  expect((await tiny.lastgood(['deploy', '--yes', '--json'], { env })).json).toMatchObject({
    exit: 15,
    code: 'ENGINE_REMOTE',
  })
})

test('without Compose, and with an image by its tag', async () => {
  settings.kind = 'compose'
  kinds.compose = { ...kinds.compose, program: join(lab.dir, 'none') }
  await tiny.configure({})
  expect((await tiny.lastgood(['deploy', '--yes', '--json'])).json).toMatchObject({ code: 'RUNTIME_MISSING' })
  const tagged = await tiny.lastgood(['deploy', '--image', 'shop/tiny:latest', '--yes', '--json'])
  expect(tagged.json).toMatchObject({ exit: 2, code: 'PREBUILT_INVALID' })
})
