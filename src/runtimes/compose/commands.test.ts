import { expect, test } from 'vitest'
import { launchFor } from '../../../test/support/temporary-project.ts'
import type { ComposeLaunch, LaunchRecord } from '../../ports/release-store.ts'
import { byHandFile } from './by-hand.ts'
import { escapeDollars, projectName, releaseFile, unescapeDollars, upArgs } from './commands.ts'

const runtime: ComposeLaunch = {
  kind: 'compose',
  project: 'shop',
  service: 'app',
  image: { id: 'sha256:abc', pull: null, platform: 'linux/amd64' },
  definition: {
    command: ['node', 'index.js'],
    labels: ['traefik.enable=true'],
    networks: { default: null },
    ports: ['127.0.0.1:3000:3000'],
    volumes: ['data:/data'],
  },
  networks: { default: 'shop_default' },
  volumes: { data: 'shop_data' },
  files: { secrets: {}, configs: {} },
  instances: 2,
  port: 3000,
  agent: true,
}
const launch: LaunchRecord<ComposeLaunch> = {
  ...launchFor('/lg/r3/app'),
  env: { PRICE: '$5', NODE_OPTIONS: '--max-old-space-size=512' },
  runtime,
}
const place = {
  service: 'store',
  home: '/lg',
  shared: '/lg/run/store/c',
  register: '/lg/my agent/register.cjs',
}

test('the file of a release: the service as it was, with what makes it this release', () => {
  expect(releaseFile('r3', launch, place, { probe: false, publish: false })).toEqual({
    services: {
      app: {
        command: ['node', 'index.js'],
        networks: { default: { aliases: ['app-r3'] } },
        image: 'sha256:abc',
        environment: {
          PRICE: '$$5',
          LASTGOOD_RELEASE: 'r3',
          LASTGOOD_RUN: '/lg/run/store/c',
          LASTGOOD_CONTAINER: '1',
          NODE_OPTIONS: '--require "/lg/my agent/register.cjs" --max-old-space-size=512',
        },
        labels: {
          'traefik.enable': 'true',
          'lastgood.service': 'store',
          'lastgood.release': 'r3',
          'lastgood.home': '/lg',
          'lastgood.port': '3000',
        },
        restart: 'unless-stopped',
        volumes: [
          'data:/data',
          { type: 'bind', source: '/lg/run/store/c', target: '/lg/run/store/c' },
          { type: 'bind', source: '/lg/my agent', target: '/lg/my agent', read_only: true },
        ],
      },
    },
    networks: { default: { external: true, name: 'shop_default' } },
    volumes: { data: { external: true, name: 'shop_data' } },
    secrets: {},
    configs: {},
  })
})

test('a copy that is only tried is found by nobody: no port, no label of a router, no agent, another name', () => {
  const file = releaseFile('r3', launch, place, { probe: true, publish: false })
  expect(file.services).toMatchObject({ 'app-probe': { restart: 'no', environment: { PRICE: '$$5' } } })
  const text = JSON.stringify(file)
  for (const word of ['ports', 'traefik', 'LASTGOOD_RUN']) expect(text).not.toContain(word)
})

test('the file for a person has the names of the variables, and no value of any', () => {
  const text = byHandFile('r3', launch, '/srv/lastgood', true)
  expect(JSON.parse(text).services.app).toMatchObject({
    environment: ['NODE_OPTIONS', 'PRICE'],
    ports: ['127.0.0.1:3000:3000'],
  })
  expect(text).not.toContain('$5')
})

test('the words of the command', () => {
  expect(upArgs('shop-r3', 'app', 2, true).join(' ')).toBe(
    '--project-name shop-r3 --file - up --detach --no-deps --no-build --no-recreate --scale app=2 app',
  )
  expect(upArgs('shop-r3', 'app', 1, false)).toContain('--no-start')
})

test('a project is called as Compose calls it', () => {
  expect(['My Shop', '_shop.api', 'Shop-2_b'].map(projectName)).toEqual(['myshop', 'shopapi', 'shop-2_b'])
})

test('dollars survive being written and read', () => {
  const value = { a: ['$x', '$$y', 'a$'], b: { c: 5, d: null, e: '${z' } }
  expect(unescapeDollars(escapeDollars(value))).toEqual(value)
  expect(escapeDollars('$x')).toBe('$$x')
})
