import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parseList } from './parse.ts'

/** As PM2 7.0.4 printed it: a release of ours in cluster mode, and an app that somebody started by hand and stopped. */
const sample: unknown = JSON.parse(readFileSync(new URL('jlist.sample.json', import.meta.url), 'utf8'))
const printed = JSON.stringify(sample)

test('reads what matters of a real list', () => {
  const { env, ...release } = parseList(printed)?.[0] ?? { env: {} }
  expect(release).toEqual({
    id: 0,
    name: 'tiny-r1',
    namespace: 'tiny',
    pid: 4711,
    status: 'online',
    restarts: 0,
    startedAt: 1767225600000,
    cwd: '/home/deploy/.lastgood/services/tiny/releases/r1/app',
    script: '/home/deploy/.lastgood/services/tiny/releases/r1/app/index.mjs',
    mode: 'cluster',
    errorLog: '/home/deploy/.pm2/logs/tiny-r1-error.log',
    args: [],
    nodeArgs: ['--require', '/home/deploy/.lastgood/agent/9f581213ed852ae8/register.cjs'],
    options: {},
  })
  expect(env).toMatchObject({ PORT: '3000', LASTGOOD_RELEASE: 'r1' })
  expect(env).not.toHaveProperty('tiny-r1')
})

test('an app that does not run has no pid', () => {
  expect(parseList(printed)?.[1]).toMatchObject({
    id: 2,
    name: 'mail worker',
    namespace: 'default',
    pid: 0,
    status: 'stopped',
    mode: 'fork',
    args: ['--queue', 'mail'],
  })
})

test('skips what PM2 says before the list', () => {
  const noise =
    '>>>> In-memory PM2 is out-of-date, do:\n[PM2] Spawning PM2 daemon\n[PM2] PM2 Successfully daemonized\n'
  expect(parseList(`${noise}${printed}\n`)).toHaveLength(2)
  expect(parseList('[]\n')).toEqual([])
})

test.each(['', '[PM2][ERROR] connect ENOENT', '{"a":1}', '[{"name":"cut off'])('%j is no list', (text) => {
  expect(parseList(text)).toBeNull()
})

test('a row that is none is skipped, the others are kept', () => {
  expect(parseList('[null,{"name":"x"},{"name":"y","pm2_env":{}}]')).toMatchObject([
    { name: 'y', id: -1, pid: 0 },
  ])
})
