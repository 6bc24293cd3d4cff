import { expect, test } from 'vitest'
import { NO_CONTACTS } from '../domain/contacts/contacts.ts'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import { DEFAULT_INCIDENT } from '../domain/incident-configuration.ts'
import { NO_NOTIFY } from '../domain/notify/notify-configuration.ts'
import { readConfiguration } from './read-configuration.ts'

const LEAST = 'service: store\nurl: http://127.0.0.1:3000/\nruntime:\n  app: store\n'

function accept(text: string, env: Record<string, string> = {}) {
  const result = readConfiguration(text, env)
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
  return result
}

/** `line:column path: message`, in the order of the file. */
function refuse(text: string, env: Record<string, string> = {}): string[] {
  const result = readConfiguration(text, env)
  if (result.ok) throw new Error('was accepted')
  return result.problems.map(({ line, column, path, message }) => `${line}:${column} ${path}: ${message}`)
}

test('fills in every default', () => {
  expect(accept(LEAST).configuration).toEqual({
    service: 'store',
    url: 'http://127.0.0.1:3000',
    source: { repository: '.' },
    build: [
      ['npm', 'ci'],
      ['npm', 'run', 'build'],
    ],
    runtime: {
      kind: 'pm2',
      app: 'store',
      ecosystem: null,
      script: null,
      args: null,
      nodeArgs: null,
      mode: null,
      instances: null,
      port: null,
      portVariable: 'PORT',
      agent: true,
      program: null,
      home: null,
    },
    env: {},
    health: { live: null, database: null, ready: null },
    smoke: [],
    verify: { windowMs: 5_000, everyMs: 500, timeoutMs: 2_000 },
    bakeMs: 600_000,
    standby: 'none',
    drainTimeoutMs: 30_000,
    startTimeoutMs: 30_000,
    keep: 5,
    migrations: 'migrations',
    database: null,
    watch: DEFAULT_WATCH,
    incident: DEFAULT_INCIDENT,
    contacts: NO_CONTACTS,
    cache: null,
    notify: NO_NOTIFY,
    statusPage: null,
  })
})

test('takes a warm standby without the agent where the copy that is tried can wait', () => {
  const swarm = LEAST.replace('app: store', 'kind: swarm\n  service: shop_app\n  port: 3000')
  expect(accept(`${swarm}standby: warm\n`).configuration).toMatchObject({
    standby: 'warm',
    runtime: { agent: false },
  })
})

test('takes smoke checks short and long', () => {
  const { configuration } = accept(
    `${LEAST}verify: { timeout: 3s }\nsmoke:\n  - GET /products?x=1\n  - { name: buy, method: POST, path: /orders, requestHeaders: { x-n: 1.0 }, body: { items: [1] }, status: 201, json: { ok: true }, within: 1s }\n`,
  )
  expect(configuration.smoke).toEqual([
    {
      name: 'GET /products?x=1',
      method: 'GET',
      path: '/products?x=1',
      requestHeaders: {},
      body: null,
      status: null,
      headers: {},
      json: {},
      withinMs: 3_000,
    },
    {
      name: 'buy',
      method: 'POST',
      path: '/orders',
      requestHeaders: { 'x-n': '1.0' },
      body: { items: [1] },
      status: 201,
      headers: {},
      json: { ok: true },
      withinMs: 1_000,
    },
  ])
})

test('gives the service its variables as they are spelled', () => {
  const { configuration } = accept(
    `${LEAST}env: { VERSION: 1.10, DEBUG: true, HEX: 0x1F, ZIP: 00501, TEXT: "a", EMPTY: "" }\n`,
  )
  expect(configuration.env).toEqual({
    VERSION: '1.10',
    DEBUG: 'true',
    HEX: '0x1F',
    ZIP: '00501',
    TEXT: 'a',
    EMPTY: '',
  })
})

test('takes numbers and flags from variables', () => {
  const { configuration } = accept(
    LEAST.replace('app: store', `app: store\n  port: \${PORT}\n  agent: \${AGENT:-false}`),
    { PORT: '8080' },
  )
  expect(configuration.runtime).toMatchObject({ port: 8080, agent: false })
})

test('reports everything at once, in order, with places', () => {
  const text = `service: My-Store
url: ftp://x
runtme: {}
runtime:
  kind: pm2
  nodeArg: x
  port: 70000
env:
  A: \${MISSING}
  A: 2
  B:
build:
  - npm ci && npm test
  - [sh, -c, "npm ci && npm test"]
smoke:
  - GET /ok
  - { path: products, jsn: {} }
bake: 10
`
  expect(refuse(text)).toEqual([
    '1:10 service: must be a name of a-z, 0-9 and "-", at most 63 long',
    '2:6 url: must be a URL such as http://127.0.0.1:3000, without user name, query or #',
    '3:1 runtme: is no setting; did you mean "runtime"?',
    '4:1 runtime.app: is missing: a PM2 app name (not "all", not only digits, no slash or quote)',
    '6:3 runtime.nodeArg: is no setting; did you mean "nodeArgs"?',
    '7:9 runtime.port: must be a whole number from 1 to 65535',
    `9:6 env.A: the environment has no MISSING: set it, or give a default with \${MISSING:-...}`,
    '10:3 : A stands here a second time',
    '11:3 env.B: must be text, a number, true or false (write "" for an empty one)',
    '13:5 build[0]: has &, which only a shell understands: write it as [sh, -c, "..."]',
    '17:13 smoke[1].path: must be a path that begins with /',
    '17:23 smoke[1].jsn: is no setting; did you mean "json"?',
    '18:7 bake: needs a unit: write a time such as 250ms, 10s, 5m, 1h or 7d',
  ])
})

test('a kind of runtime that is none is all that is said of it', () => {
  expect(refuse(`${LEAST}  kind: docker\n  nodeArg: x\n`)).toEqual([
    '5:9 runtime.kind: is no known runtime; one of: pm2, compose, swarm',
  ])
})

test('a runtime has the keys of its kind', () => {
  const compose = LEAST.replace('app: store', 'kind: compose\n  service: app')
  expect(accept(compose).configuration.runtime).toMatchObject({
    kind: 'compose',
    service: 'app',
    router: null,
  })
  const both = `${compose}  router: { haproxy: { socket: a.sock, backend: app }, labels: {} }\n  app: x\n`
  expect(refuse(both)).toEqual([
    expect.stringContaining('runtime.router: must have one of haproxy, caddy and labels'),
    expect.stringContaining('runtime.app: is no setting'),
  ])
})

test.each([';', '|', '&', '$', '>', '<', '`', '(', ')', "'", '"', '\\', '*'])(
  'no %s in a command of plain words',
  (character) => {
    const [problem] = refuse(`${LEAST}build:\n  - ${JSON.stringify(`npm ci ${character} x`)}\n`)
    expect(problem).toContain('write it as [sh, -c, "..."]')
  },
)

test('refuses what only a shell would do, and what is empty', () => {
  const problems = refuse(`${LEAST}build: [NODE_ENV=production npm ci, "", [], "npm ci\\nnpm test"]\n`)
  expect(problems.map((problem) => problem.split(': ').slice(0, 2).join(': '))).toEqual([
    '5:9 build[0]: begins with a variable, which only a shell understands',
    '5:37 build[1]: is empty',
    '5:41 build[2]: is empty',
    '5:45 build[3]: has a line break, which only a shell understands',
  ])
})

test.each([
  [
    'a warm standby without the agent',
    `${LEAST}  agent: false\nstandby: warm\n`,
    '6:10 standby: needs the agent',
  ],
  [
    'a body with GET',
    `${LEAST}smoke: [{ path: /, body: {} }]\n`,
    '5:26 smoke[0].body: cannot be sent with GET',
  ],
  [
    'two checks of one name',
    `${LEAST}smoke: [GET /a, GET /a]\n`,
    '5:17 smoke[1]: is a second check called "GET /a"',
  ],
  ['a path out of the project', `${LEAST}migrations: ../other\n`, '5:13 migrations: must be a folder'],
  ['a password in the url', LEAST.replace('127', 'me:pass@127'), '2:6 url: must be a URL'],
  [
    'a name PM2 reads otherwise',
    LEAST.replace('app: store', 'app: all'),
    '4:8 runtime.app: must be a PM2 app name',
  ],
  ['a list', '- a\n', '1:1 : must be a map of settings'],
  ['a custom tag', `${LEAST}env: { A: !!js/function "x" }\n`, '5:11 : unresolved tag'],
  ['broken YAML', 'service: [a\nurl: b\n', '2:1 : flow sequence in block collection must be'],
  ['two documents', `${LEAST}---\n${LEAST}`, '5:1 : source contains multiple documents'],
  ['a merge key', `a: &a { app: x }\n${LEAST}  <<: *a\n`, '1:1 a: is no setting'],
  ['a key that is no text', `${LEAST}? [a]\n: 2\n`, '5:3 : with stringKeys'],
  ['nesting without end', `${LEAST}env: ${'['.repeat(50_000)}`, ': is nested too deeply'],
  [
    'a bare variable in a flow map',
    `${LEAST}env: { A: \${B} }\n`,
    '5:12 : inside { } or [ ] a variable needs quotes',
  ],
])('refuses %s', (_, text, expected) => {
  expect(refuse(text)[0]).toContain(expected)
})

test('aliases multiply nothing without end', () => {
  const laughs = ['a: &a [x, x, x]']
  for (const [from, to] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh', 'hi', 'ij'].map((pair) =>
    pair.split(''),
  ))
    laughs.push(`${to}: &${to} [${Array(9).fill(`*${from}`).join(', ')}]`)
  expect(refuse(`${laughs.join('\n')}\n`)[0]).toContain('cannot be read')
})

test('an empty file misses three things', () => {
  expect(refuse('# nothing yet\n').map((problem) => problem.split(' is missing')[0])).toEqual([
    '1:1 service:',
    '1:1 url:',
    '1:1 runtime:',
  ])
})

test('no message shows what came in through a variable', () => {
  const problems = refuse(`${LEAST}smoke: [{ name: "\${S}", path: / }, { name: "\${S}", path: / }]\n`, {
    S: 'hunter22',
  })
  expect(problems.join()).not.toContain('hunter22')
})
