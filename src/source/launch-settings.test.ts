import { expect, test } from 'vitest'
import { configurationFor } from '../../test/support/temporary-project.ts'
import type { Pm2Configuration } from '../domain/configuration.ts'
import { type EcosystemApp, readApps } from './ecosystem-app.ts'
import { launchEnvironment } from './launch-environment.ts'
import { countInstances, deriveLaunchSettings } from './launch-settings.ts'

const places = { artifact: ['/lg/r1/app', '/real/r1/app'], origin: ['/srv/store'] } as const

function derive(app: EcosystemApp | null, runtime: Partial<Pm2Configuration> = {}, env = {}) {
  const { runtime: configuration, url } = configurationFor('/srv/store', {
    runtime: { script: null, ...runtime },
  })
  const [normal = null] = app === null ? [] : readApps([app])
  return deriveLaunchSettings({ configuration, url, app: normal, env, places, cpus: 4 })
}

test('the ecosystem file gives the settings, and only options that may be passed on', () => {
  const { folder, runtime } = derive(
    {
      name: 'store',
      script: './dist/index.js',
      args: '--name "a b" --x=1',
      interpreterArgs: ['--enable-source-maps'],
      exec_mode: 'cluster_mode',
      instances: 'max',
      env: { A: 1 },
      env_staging: { B: 1 },
      watch: ['src'],
      wait_ready: true,
      listen_timeout: 9000,
      kill_timeout: 5000,
      maxMemoryRestart: '300M',
      min_uptime: '10s',
      autorestart: true,
      out: 'logs/out.log',
      error_file: '/real/r1/app/logs/err.log',
      log: '/var/log/store.log',
      pid_file: '~/store.pid',
      stop_exit_codes: [1],
    },
    {},
    { PORT: '8080' },
  )
  expect(folder).toBe('.')
  expect(runtime).toEqual({
    kind: 'pm2',
    app: 'store',
    script: 'dist/index.js',
    args: ['--name', 'a b', '--x=1'],
    nodeArgs: ['--enable-source-maps'],
    mode: 'cluster',
    instances: 4,
    port: 8080,
    portVariable: 'PORT',
    agent: true,
    options: {
      kill_timeout: 5000,
      max_memory_restart: '300M',
      min_uptime: '10s',
      autorestart: true,
      out_file: '/srv/store/logs/out.log',
      error_file: '/srv/store/logs/err.log',
      log_file: '/var/log/store.log',
      pid_file: '~/store.pid',
    },
  })
})

test('the configuration wins', () => {
  const app = { script: 'a.js', args: 'x', node_args: '--y', exec_mode: 'cluster', instances: 4 }
  const mine = { script: 'b.js', args: [], nodeArgs: ['--z'], mode: 'fork', instances: 1, port: 9 } as const
  const { runtime } = derive(app, { ...mine, args: [], nodeArgs: ['--z'] }, { PORT: '8080' })
  expect(runtime).toMatchObject({
    script: 'b.js',
    args: [],
    nodeArgs: ['--z'],
    mode: 'fork',
    instances: 1,
    port: 9,
  })
})

test.each([
  [{ script: 'a.js' }, 'fork'],
  [{ script: 'a.js', instances: 2 }, 'cluster'],
  [{ script: 'a.js', instances: 'max' }, 'cluster'],
  [{ script: 'a.js', instances: 2, exec_mode: 'fork' }, 'fork'],
  [{ script: 'a.py', instances: 2, interpreter: 'python3' }, 'fork'],
  [null, 'fork'],
] as const)('the mode of %j is %s, as in PM2', (app, mode) => {
  expect(derive(app).runtime.mode).toBe(mode)
})

test.each([
  ['max', 4],
  [0, 4],
  ['0', 4],
  [-1, 3],
  ['-1', 3],
  [-9, 1],
  [3, 3],
  ['2', 2],
  [undefined, 1],
])('%j instances on 4 processors are %i', (wanted, count) => {
  expect(countInstances(wanted, 4)).toBe(count)
})

test.each([
  ['server', 'server', 'index.js'],
  ['/lg/r1/app/server', 'server', 'index.js'],
  ['/real/r1/app', '.', 'index.js'],
  ['/srv/store/server', 'server', 'index.js'],
  ['/var/www/current', '.', 'index.js'],
  ['../elsewhere', '.', 'index.js'],
])('started in %s means %s of the release', (cwd, folder, script) => {
  expect(derive({ script: './index.js', cwd })).toMatchObject({ folder, runtime: { script } })
})

test('a script named by its absolute place in the project is found in the release', () => {
  expect(derive({ script: '/srv/store/dist/index.js', cwd: 'dist' }).runtime.script).toBe('index.js')
  expect(derive({ script: '/real/r1/app/dist/index.js' }).runtime.script).toBe('dist/index.js')
  expect(derive({ script: '/usr/bin/npm' }).runtime.script).toBe(null)
  expect(derive({ script: '../other/index.js' }).runtime.script).toBe(null)
})

test('the port is the configured one, else the variable, else the one in the address', () => {
  expect(derive({ script: 'a.js' }, {}, { PORT: '8080' }).runtime.port).toBe(8080)
  expect(derive({ script: 'a.js' }, { port: 9 }, { PORT: '8080' }).runtime.port).toBe(9)
  expect(derive({ script: 'a.js' }, {}, { PORT: 'a pipe' }).runtime.port).toBe(3000)
  expect(derive({ script: 'a.js' }, { portVariable: 'HTTP_PORT' }, { HTTP_PORT: '81' }).runtime.port).toBe(81)
})

test('the environment is whole, in order, and nothing else of the caller is in it', () => {
  const caller = { PATH: '/bin', HOME: '/home/ann', NODE_ENV: 'test', PORT: '1', LEFT_OVER: 'yes' }
  const app = { env: { A: 1, B: true, C: null, D: { x: 1 }, PORT: 80 }, env_production: { B: 'production' } }
  const configuration = configurationFor('/srv/store', { env: { A: 'mine' }, runtime: { port: 3000 } })
  expect(launchEnvironment(caller, app, configuration, 'r7')).toEqual({
    NODE_ENV: 'production',
    PATH: '/bin',
    HOME: '/home/ann',
    A: 'mine',
    B: 'production',
    D: '{"x":1}',
    PORT: '3000',
    LASTGOOD_RELEASE: 'r7',
  })
  expect(launchEnvironment({}, { env: { NODE_ENV: 'staging' } }, configuration, 'r7').NODE_ENV).toBe(
    'staging',
  )
})

test.each([
  [{ apps: [{ name: 'a' }] }],
  [{ pm2: { apps: [{ name: 'a' }] } }],
  [{ apps: { name: 'a' } }],
  [[{ name: 'a' }]],
  [{ name: 'a' }],
])('%j has one app', (content) => {
  expect(readApps(content)).toEqual([{ name: 'a' }])
})
