import { expect, test } from 'vitest'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import { readConfiguration } from './read-configuration.ts'
import { resolvePaths } from './resolve-paths.ts'

const LEAST = 'service: store\nurl: http://127.0.0.1:3000\nruntime: { app: store }\n'
const DATABASE = 'database: { url: postgres://a@h/shop }\n'

function read(watch: string, env: Record<string, string> = {}, before = LEAST + DATABASE) {
  const result = readConfiguration(`${before}watch:\n${watch.replace(/^(?=.)/gm, '  ')}`, env)
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2))
  return result
}

/** `line path: message`; the watch begins in line 4. */
function refuse(watch: string, before = LEAST): string[] {
  const result = readConfiguration(`${before}watch:\n${watch.replace(/^(?=.)/gm, '  ')}`, {})
  if (result.ok) throw new Error('was accepted')
  return result.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`)
}

test('takes everything, in the units of the program', () => {
  const { watch } = read(
    `policy: act
countdown: 0s
every: 500ms
burstTolerance: 4s
falseAlarm: 1e-4
errorRate: 2.5%
slowdown: 100%
fixForward: 1h
recovery: { errorRate: 0.5%, slowdown: 5% }
triggers: { error-rate: record, silence: off }
signals: { from: prometheus, url: "http://127.0.0.1:9090/", headers: { x-n: 1.10 }, selector: 'job="a", env=~"p|q"', sessions: logins, timeout: 1s }
security: { audit: true, advisories: osv, level: critical, every: 2h }
sessions: { sql: select 1, drop: 20%, every: 1m }
memoryGrowth: 250%
listen: { address: "0.0.0.0:9301", token: "\${TOKEN}" }
invariants: [{ name: sums, sql: select 0, every: 10s, timeout: 1s }]
`,
    { TOKEN: 'not-for-eyes' },
  ).configuration
  expect(watch).toEqual({
    policy: 'act',
    countdownMs: 0,
    everyMs: 500,
    burstToleranceMs: 4_000,
    falseAlarm: 0.0001,
    errorRate: 0.025,
    slowdown: 1,
    fixForwardMs: 3_600_000,
    recovery: { errorRate: 0.005, slowdown: 0.05 },
    triggers: { ...DEFAULT_WATCH.triggers, 'error-rate': 'record', silence: 'off' },
    signals: {
      ...DEFAULT_WATCH.signals,
      from: 'prometheus',
      url: 'http://127.0.0.1:9090',
      headers: { 'x-n': '1.10' },
      selector: 'job="a", env=~"p|q"',
      sessions: 'logins',
      timeoutMs: 1_000,
    },
    flows: [],
    invariants: [{ name: 'sums', sql: 'select 0', everyMs: 10_000, timeoutMs: 1_000 }],
    security: { audit: true, advisories: 'osv', level: 'critical', everyMs: 7_200_000 },
    sessions: { sql: 'select 1', drop: 0.2, everyMs: 60_000 },
    memoryGrowth: 2.5,
    listen: { host: '0.0.0.0', port: 9301, token: 'not-for-eyes' },
  })
})

test('a flow keeps what it needs, and its steps are checks', () => {
  const { watch } = read(`flows:
  - name: check out
    every: 2s
    steps:
      - GET /products
      - { method: POST, path: /login, body: { password: secret1 }, save: { token: data.token }, within: 1s }
    cleanup:
      - { method: DELETE, path: "/me?{token}", requestHeaders: { x: "{token}" } }
`).configuration
  const check = { requestHeaders: {}, body: null, status: null, headers: {}, json: {}, save: {} }
  expect(watch.flows).toEqual([
    {
      name: 'check out',
      everyMs: 2_000,
      steps: [
        { ...check, name: 'GET /products', method: 'GET', path: '/products', withinMs: 2_000 },
        {
          ...check,
          name: 'POST /login',
          method: 'POST',
          path: '/login',
          body: { password: 'secret1' },
          save: { token: 'data.token' },
          withinMs: 1_000,
        },
      ],
      cleanup: [
        {
          ...check,
          name: 'DELETE /me?{token}',
          method: 'DELETE',
          path: '/me?{token}',
          requestHeaders: { x: '{token}' },
          withinMs: 2_000,
        },
      ],
    },
  ])
})

test('says at once all that does not fit, with lines', () => {
  expect(
    refuse(
      `every: 8s
errorRate: 5
slowdown: 0.5
falseAlarm: 0.5
burstTolerance: 11m
recovery: { errorRate: 91%, slowdwn: 3% }
triggers: { slow: act, memory: always }
signals:
  from: prometheus
  errorStatus: "5[.."
  selector: "{job=x}"
flows:
  - name: buy
    steps:
      - { path: /a, json: { b: "{x}" } }
      - { path: "/b/{token}", body: 3, save: { token: token } }
      - { method: POST, path: "/c/{token}", body: { d: ["{e}"] } }
    cleanup: [{ path: "/d/{order}" }]
  - { name: buy, steps: [] }
  - { name: buy, steps: [GET /] }
invariants: [{ name: a, sql: select 1 }, { name: a, sql: "" }]
sessions: { sql: select 1 }
listen: { address: "0.0.0.0:9301" }
`,
    ),
  ).toEqual([
    '6 watch.errorRate: needs a %: write a share such as 5% or 0.5%',
    '7 watch.slowdown: needs a %: write a share such as 5% or 0.5%',
    '8 watch.falseAlarm: must be a number from 1e-9 to 0.05',
    '9 watch.burstTolerance: must be at most 10m',
    '10 watch.recovery.errorRate: must be from 0.01% to 90%',
    '10 watch.recovery.slowdwn: is no setting; did you mean "slowdown"?',
    expect.stringMatching(/^11 watch\.triggers\.slow: is no setting; known here: error-rate, slowdown, /),
    '11 watch.triggers.memory: is no known mode; one of: off, record, ask, act',
    '12 watch.signals.url: is missing: from: prometheus needs the URL of the server',
    '14 watch.signals.errorStatus: must be a regular expression such as 5..',
    '15 watch.signals.selector: must be matchers such as job="my-store-api", without braces',
    '19 watch.flows[0].steps[0]: uses {x}, which no step before it saves',
    '20 watch.flows[0].steps[1]: uses {token}, which no step before it saves',
    '20 watch.flows[0].steps[1].body: cannot be sent with GET or HEAD: set method: POST',
    '21 watch.flows[0].steps[2]: uses {e}, which no step before it saves',
    '22 watch.flows[0].cleanup[0]: uses {order}, which no step before it saves',
    '23 watch.flows[1].name: is a second flow called "buy"',
    '23 watch.flows[1].steps: is empty: write the requests of the flow',
    '24 watch.flows[2].name: is a second flow called "buy"',
    '25 watch.invariants: needs a database: say under database: where the queries go',
    '25 watch.invariants[1].name: is a second invariant called "a"',
    '25 watch.invariants[1].sql: must be a query',
    '26 watch.sessions.sql: needs a database: say under database: where the query goes',
    '27 watch.listen.address: can be reached from other hosts: set a token, or listen on 127.0.0.1',
  ])
})

test.each([
  ['every: 6s\n', '5 watch.every: must be at most half of burstTolerance'],
  ['errorRate: 0.5%\n', '4 watch.recovery.errorRate: must not be more than errorRate'],
  [
    'slowdown: 20%\nrecovery: { slowdown: 30% }\n',
    '6 watch.recovery.slowdown: must not be more than slowdown',
  ],
  ['listen: { address: "9301" }\n', '5 watch.listen.address: must be an address such as 127.0.0.1:9301'],
  [
    'listen: { address: "localhost:9301", token: short }\n',
    '5 watch.listen.token: must be at least 8 visible characters',
  ],
  ['signals: { url: "http://me:pass@h/metrics" }\n', '5 watch.signals.url: must be a URL'],
])('refuses %j', (watch, expected) => {
  expect(refuse(watch)[0]).toContain(expected)
})

test('without the agent no instance can be asked in private', () => {
  const before = LEAST.replace('{ app: store }', '{ app: store, agent: false }')
  expect(refuse('signals: { from: endpoint }\n', before)).toEqual([
    '5 watch.signals.url: is missing: without the agent no instance can be asked in private',
  ])
  expect(read('signals: { from: endpoint, url: "http://h/m" }\n', {}, before)).toMatchObject({ ok: true })
})

test('a number in a header is text as it is spelled, one in a body stays a number', () => {
  const step = '{ method: POST, path: /a, requestHeaders: { x-v: 1.10 }, body: { headers: { n: 1.10 } } }'
  const [flow] = read(`flows: [{ name: f, steps: [${step}] }]\n`).configuration.watch.flows
  expect(flow?.steps).toMatchObject([{ requestHeaders: { 'x-v': '1.10' }, body: { headers: { n: 1.1 } } }])
})

test("a page's url is left as it is", () => {
  const { watch } = read('signals: { from: endpoint, url: "http://h/metrics/" }\n').configuration
  expect(watch.signals.url).toBe('http://h/metrics/')
})

test('a file of advisories is looked for beside the file that names it', () => {
  const { configuration } = read('security: { advisories: osv/all.json }\n')
  expect(resolvePaths(configuration, '/srv/store', '/home/ann').watch.security.advisories).toBe(
    '/srv/store/osv/all.json',
  )
})

test('tokens and passwords are secrets, what a step has saved is none', () => {
  const { secrets, text } = read(
    `signals: { headers: { Authorization: Bearer abcdef123, x-api-key: key-12345, accept: text/plain } }
listen: { address: "127.0.0.1:1", token: knock-knock }
flows:
  - name: f
    steps:
      - { method: POST, path: /login, body: { user: ann, deep: [{ password: "hunter2" }] }, save: { token: token } }
      - { path: /me, requestHeaders: { authorization: "Bearer {token}", cookie: "\${COOKIE}" }, json: { password: "****" } }
`,
    { COOKIE: 'crumbs=1' },
  )
  expect(secrets.toSorted()).toEqual(
    ['Bearer abcdef123', 'abcdef123', 'crumbs=1', 'hunter2', 'key-12345', 'knock-knock'].toSorted(),
  )
  expect(text).not.toMatch(/abcdef123|key-12345|knock-knock|hunter2/)
  for (const kept of ['text/plain', 'Bearer {token}', `\${COOKIE}`, '{ token: token }', '"****"', 'ann'])
    expect(text).toContain(kept)
})
