import { chmodSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AppOptions, ask, freePort, loadAgentModule, Stage } from '../../test/fixtures/agent/harness.ts'

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
afterEach(() => stage.end())

async function serves(options: Partial<AppOptions>): Promise<void> {
  stage.hold('r1')
  const port = await freePort()
  const app = stage.start({ ...options, env: { PORT: String(port), ...options.env } })
  await app.tells('callback')
  expect((await ask({ port })).body).toBe('r1\n')
  expect(app.stderr).toBe('')
}

test.each([
  ['no release', { LASTGOOD_RELEASE: '' }],
  ['a release that is no id', { LASTGOOD_RELEASE: '../r1' }],
  ['no folder', { LASTGOOD_RUN: '' }],
  ['a relative folder', { LASTGOOD_RUN: 'run' }],
  ['a folder that is not there', { LASTGOOD_RUN: '/nowhere/at/all' }],
  ['a folder too deep for a socket', { LASTGOOD_RUN: `/tmp/${'deep/'.repeat(25)}` }],
  ['a file for a folder', { LASTGOOD_RUN: process.execPath }],
])('%s: the app serves as if the agent were not there', async (_, env) => {
  await serves({ env: { NAME: 'r1', ...env } })
  expect(readdirSync(stage.run)).toEqual(['r1.hold'])
})

test('a folder nobody can make sockets in: the app serves', async () => {
  // The kernel refuses sockets here to everybody, root too.
  await serves({ env: { LASTGOOD_RUN: '/proc/self' } })
  const closed = `${stage.folder}/closed`
  mkdirSync(closed, { mode: 0o500 })
  await serves({ env: { LASTGOOD_RUN: closed } })
  chmodSync(closed, 0o700)
})

test('a folder that vanished between the start and listen: the app serves', async () => {
  const app = stage.start({ env: { LISTEN: '[0]' } })
  rmSync(stage.run, { recursive: true, force: true })
  await app.tells('callback')
})

test('a preload in PM2’s cluster reads the JSON that PM2 will apply, and nothing else', async () => {
  const { readSettings } = await loadAgentModule('settings')
  const left = { LASTGOOD_RELEASE: 'r9', LASTGOOD_RUN: '/left' }
  expect(readSettings({ ...left, pm2_env: '{}' })).toBe(null)
  const given = { LASTGOOD_RELEASE: 'r3', LASTGOOD_RUN: '/run', LASTGOOD_ENV_KEYS: '["PORT"]' }
  const expected = { release: 'r3', run: '/run', envKeys: ['PORT'], pm2Cluster: true, container: null }
  expect(readSettings({ ...left, pm2_env: JSON.stringify(given) })).toEqual(expected)
  expect(readSettings({ ...left, pm2_env: JSON.stringify({ env: given }) })).toEqual(expected)
  expect(readSettings(left)).toMatchObject({ release: 'r9', envKeys: null, pm2Cluster: false })
})

test('what is in neither the list nor PM2’s own needs is removed', async () => {
  const { removeLeftovers } = await loadAgentModule('environment')
  const env = {
    PORT: '1',
    OLD: '2',
    PATH: '/bin',
    LC_ALL: 'C',
    pm2_env: '{}',
    NODE_UNIQUE_ID: '3',
    PM2_HOME: '/pm2',
  }
  removeLeftovers(env, ['PORT'])
  expect(Object.keys(env)).toEqual(['PORT', 'PATH', 'LC_ALL', 'pm2_env', 'NODE_UNIQUE_ID', 'PM2_HOME'])
})

test('what listen can be called with', async () => {
  const { readListen } = await loadAgentModule('listen-arguments')
  const port = (args: unknown[]) => readListen(args)?.options.port ?? null
  expect([[], [null], [() => {}], [{ port: null }], [{ port: undefined }]].map(port)).toEqual([0, 0, 0, 0, 0])
  expect([[80], ['80'], [{ port: '80' }], [{ port: 80, path: '/x' }]].map(port)).toEqual([80, 80, 80, 80])
  const notOurs = [
    ['/a/pipe'],
    [{ path: '/a/pipe' }],
    [{ fd: 3 }],
    [{ _handle: {} }],
    [{}],
    [-1],
    [70_000],
    [true],
    [''],
  ]
  expect(notOurs.map((args) => readListen(args))).toEqual(notOurs.map(() => null))
  const callback = () => {}
  expect(readListen([80, '::1', 9, callback])).toEqual({
    options: { port: 80, host: '::1', backlog: 9 },
    callback,
  })
  expect(readListen([80, 9, callback])).toEqual({ options: { port: 80, backlog: 9 }, callback })
  expect(readListen([{ port: 80, exclusive: true }, callback])).toEqual({
    options: { port: 80, exclusive: true },
    callback,
  })
})
