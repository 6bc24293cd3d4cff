import { expect, test } from 'vitest'
import { launchFor } from '../../../test/support/temporary-project.ts'
import type { ComposeLaunch, JsonValue, LaunchRecord } from '../../ports/release-store.ts'
import { advise } from './advise.ts'

const launchOf = (definition: Record<string, JsonValue> = {}): LaunchRecord<ComposeLaunch> => ({
  ...launchFor('/srv/store'),
  runtime: {
    kind: 'compose',
    project: 'shop',
    service: 'app',
    image: { id: 'sha256:1', pull: null, platform: 'linux/amd64' },
    definition,
    networks: {},
    volumes: {},
    files: { secrets: {}, configs: {} },
    instances: 1,
    port: 3000,
    agent: true,
  },
})
const able = (holds: boolean, sideBySide: boolean) => ({
  holds,
  sideBySide,
  obstacles: { holds: 'nothing holds', sideBySide: 'nothing routes' },
})

test('with a router and the agent there is nothing to say', () => {
  expect(advise(launchOf(), able(true, true), null)).toEqual([])
})

test('a published port leaves a gap, and without a healthcheck nobody says when it is ready', () => {
  const [gap, healthcheck, ...more] = advise(launchOf(), able(false, false), { hasHealthcheck: false })
  expect(gap).toMatchObject({
    text: expect.stringContaining('gap'),
    fix: expect.stringContaining('runtime.router'),
  })
  expect(healthcheck?.fix).toContain('healthcheck: { test: [CMD, node, -e, "fetch(')
  expect(more).toEqual([])
})

test('a healthcheck of the file or of the image is one', () => {
  const own = launchOf({ healthcheck: { test: ['CMD', 'true'] } })
  expect(advise(own, able(false, true), { hasHealthcheck: false })).toEqual([])
  expect(advise(launchOf(), able(false, true), { hasHealthcheck: true })).toEqual([])
})
