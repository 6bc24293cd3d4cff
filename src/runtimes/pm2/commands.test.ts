import { expect, test } from 'vitest'
import type { LaunchRecord, Pm2Launch } from '../../ports/release-store.ts'
import {
  deleteArgs,
  deleteTargets,
  errorLogPath,
  listArgs,
  pingArgs,
  probeFile,
  processFile,
  releaseOfProcess,
  releaseOfUnit,
  saveArgs,
  startArgs,
} from './commands.ts'
import type { Pm2Process } from './parse.ts'

const launch = {
  service: 'shop',
  directory: '/home/deploy/.lastgood/services/shop/releases/r3/app',
  env: { PORT: '3000', TOKEN: 'secret' },
  runtime: {
    kind: 'pm2',
    app: 'shop',
    script: 'dist/index.js',
    args: ['--verbose'],
    nodeArgs: ['--max-old-space-size=512'],
    mode: 'cluster',
    instances: 2,
    port: 3000,
    portVariable: 'PORT',
    agent: true,
    options: { max_memory_restart: '300M', kill_timeout: 5_000 },
  },
  configuration: { drainTimeoutMs: 30_000 },
} as unknown as LaunchRecord<Pm2Launch>

const common = {
  merge_logs: true,
  max_memory_restart: '300M',
  kill_timeout: 5_000,
  namespace: 'shop',
  script: '/home/deploy/.lastgood/services/shop/releases/r3/app/dist/index.js',
  cwd: '/home/deploy/.lastgood/services/shop/releases/r3/app',
  args: ['--verbose'],
  filter_env: [''],
  wait_ready: false,
  vizion: false,
  watch: false,
}

test('argument lists', () => {
  expect(listArgs()).toEqual(['jlist', '--silent'])
  expect(startArgs('/run/process.json')).toEqual(['start', '/run/process.json', '--silent', '--no-color'])
  expect(deleteArgs(['shop-r1', '7'])).toEqual(['delete', 'shop-r1', '7', '--silent', '--no-color'])
  expect(saveArgs()).toEqual(['save', '--silent', '--no-color'])
  expect(pingArgs()).toEqual(['ping', '--silent', '--no-color'])
})

test('the process file of a release with the agent', () => {
  const agent = { register: '/agent/register.cjs', runFolder: '/run/shop' }
  expect(processFile('r3', launch, '/pm2/logs', agent)).toEqual({
    apps: [
      {
        ...common,
        name: 'shop-r3',
        out_file: '/pm2/logs/shop-r3-out.log',
        error_file: '/pm2/logs/shop-r3-error.log',
        exec_mode: 'cluster',
        instances: 2,
        node_args: ['--require', '/agent/register.cjs', '--max-old-space-size=512'],
        env: {
          PORT: '3000',
          TOKEN: 'secret',
          LASTGOOD_RELEASE: 'r3',
          LASTGOOD_RUN: '/run/shop',
          LASTGOOD_ENV_KEYS: '["PORT","TOKEN","LASTGOOD_RELEASE","LASTGOOD_RUN","LASTGOOD_ENV_KEYS"]',
        },
      },
    ],
  })
})

test('without the agent nothing is preloaded, and PM2 gives the app its time to end', () => {
  const [app] = processFile('r3', launch, '/pm2/logs', null).apps
  expect(app).toMatchObject({
    node_args: ['--max-old-space-size=512'],
    env: launch.env,
    kill_timeout: 30_000,
  })
})

test('the copy that is probed has a port and a name of its own, and is not started again', () => {
  expect(probeFile('r3', launch, '/pm2/logs', 40_001)).toEqual({
    apps: [
      {
        ...common,
        name: 'shop-r3-probe',
        out_file: '/pm2/logs/shop-r3-probe-out.log',
        error_file: '/pm2/logs/shop-r3-probe-error.log',
        exec_mode: 'fork',
        instances: 1,
        autorestart: false,
        node_args: ['--max-old-space-size=512'],
        env: { PORT: '40001', TOKEN: 'secret' },
      },
    ],
  })
})

test('logs go where the project wants them, else to a file that can be named before it exists', () => {
  expect(errorLogPath('/pm2/logs', 'my shop-r3', null)).toBe('/pm2/logs/my-shop-r3-error.log')
  const own = { ...launch, runtime: { ...launch.runtime, options: { error_file: '/var/log/shop.log' } } }
  expect(errorLogPath('/pm2/logs', 'shop-r3', own)).toBe('/var/log/shop.log')
  expect(processFile('r3', own, '/pm2/logs', null).apps[0]).toMatchObject({ error_file: '/var/log/shop.log' })
})

test.each([
  ['shop', 'shop-r3', { release: 'r3', probe: false }],
  ['shop', 'shop-r3-probe', { release: 'r3', probe: true }],
  ['shop', 'shop', null],
  ['shop', 'shop-r3-worker', null],
  ['shop', 'shop-admin-r3', null],
  ['a (b) [c].*', 'a (b) [c].*-r1', { release: 'r1', probe: false }],
])('app %s: unit %s is %j', (app, unit, expected) => {
  expect(releaseOfUnit(app, unit)).toEqual(expected)
})

test("somebody else's shop-r2 is not ours: it is in another namespace", () => {
  expect(releaseOfProcess('shop', { name: 'shop-r2', namespace: 'shop' })).not.toBeNull()
  expect(releaseOfProcess('shop', { name: 'shop-r2', namespace: 'default' })).toBeNull()
})

const row = (id: number, name: string, namespace = 'shop') => ({ id, name, namespace }) as Pm2Process

test('releases are deleted by name, which PM2 does side by side', () => {
  const all = [row(0, 'shop-r1'), row(1, 'shop-r1'), row(2, 'shop-r2')]
  expect(deleteTargets('shop', all.slice(0, 2), all)).toEqual(['shop-r1'])
})

test('the plain app is deleted by number: its name is the namespace of all releases as well', () => {
  const all = [row(0, 'shop', 'default'), row(1, 'shop-r1')]
  expect(deleteTargets('shop', all.slice(0, 1), all)).toEqual(['0'])
})

test('of two apps with one name only ours goes', () => {
  const all = [row(0, 'shop-r1'), row(1, 'shop-r1', 'default')]
  expect(deleteTargets('shop', all.slice(0, 1), all)).toEqual(['0'])
})
