import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import { readConfiguration } from '../config/read-configuration.ts'
import type { Findings } from './findings.ts'
import { inspectProject } from './inspect-project.ts'
import { renderConfiguration } from './render-configuration.ts'

const STORE = fileURLToPath(new URL('../../examples/my-store-api', import.meta.url))
const ENV = { DATABASE_URL: 'postgres://shop:hunter22@127.0.0.1/shop' }

const BARE: Findings = {
  name: null,
  version: null,
  repository: '.',
  lockfile: null,
  builds: false,
  script: null,
  app: null,
  otherApps: [],
  unreadable: null,
  compose: null,
  dockerfile: null,
  port: null,
  databaseUrl: null,
  migrations: { tool: null, folder: null },
  health: { live: null, database: null, ready: null },
  smoke: [],
  person: null,
  timeZone: 'Europe/Berlin',
  schema: null,
}

function load(text: string) {
  const result = readConfiguration(text, ENV)
  if (!result.ok) throw new Error(`${JSON.stringify(result.problems, null, 2)}\n${text}`)
  return result.configuration
}

test('the store gets the file that a person would write', async () => {
  const project = await mkdtemp(join(tmpdir(), 'lastgood-init-'))
  try {
    await cp(STORE, project, { recursive: true, filter: (path) => !/\/(node_modules|dist)(\/|$)/.test(path) })
    await mkdir(join(project, '.git'))
    const findings = await inspectProject(project, {
      runner: new ExecaRunner(),
      env: { PATH: process.env.PATH, ...ENV },
    })
    const person = { short: 'ann', name: 'Ann Lee', email: 'ann@example.org', account: 'deploy' }
    const text = renderConfiguration({ ...findings, person, timeZone: 'Europe/Berlin' })
    await expect(text).toMatchFileSnapshot('./my-store-api.golden.txt')
    expect(load(text)).toMatchObject({
      service: 'my-store-api',
      url: 'http://127.0.0.1:3000',
      runtime: { app: 'my-store-api', ecosystem: 'ecosystem.config.cjs', port: 3000 },
      env: ENV,
      health: { live: '/health', database: '/health/db', ready: '/health/ready' },
      smoke: [{ name: 'GET /products' }, { name: 'GET /categories' }],
      migrations: 'migrations',
    })
  } finally {
    await rm(project, { recursive: true })
  }
})

test('the defaults it tells of are the defaults', () => {
  const least = 'service: a\nurl: http://a\nruntime: { app: a }\n'
  const [, told = ''] = renderConfiguration(BARE).split('# The rest has defaults, which are:\n')
  expect(told).toContain('bake')
  expect(load(`${least}${told.replaceAll(/^# /gm, '')}`)).toEqual(load(least))
})

test('each of its examples works when the # is taken away', () => {
  const secrets = {
    SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x',
    SMTP_URL: 'smtps://mail.example.org',
  }
  const env = { ...ENV, ...secrets, PAGERDUTY_KEY: 'R'.repeat(32), GITHUB_TOKEN: 't', REDIS_PASSWORD: 'p' }
  const person = { short: 'ann', name: 'Ann Lee', email: 'ann@example.org', account: 'deploy' }
  for (const found of [
    BARE,
    { ...BARE, person, databaseUrl: 'environment' as const, smoke: ['/products'] },
  ]) {
    const whole = renderConfiguration(found)
    const begin = whole.indexOf('\n# lastgood watch ')
    const end = whole.indexOf('# The rest has defaults')
    const examples = whole.slice(begin, end).replaceAll(/^( *)# ( *(?:[\w-]+:|- ).*)$/gm, '$1$2')
    const read = readConfiguration(whole.slice(0, begin) + examples, env)
    expect(read.ok ? [] : read.problems, examples).toEqual([])
    expect(read).toMatchObject({
      configuration: {
        watch: {
          flows: [{ name: 'search' }],
          invariants: found.databaseUrl === null ? [] : [{ name: 'orders add up' }],
        },
        contacts: { people: { bob: {} }, roles: { cto: 'bob' } },
        notify: { sinks: [{ name: 'ops' }, { name: 'mail' }, { name: 'pager' }, { name: 'log' }] },
        incident: { checklist: [{ title: 'Search index rebuilt' }], issues: { repository: 'shop/store' } },
        statusPage: { title: 'My store' },
        cache: { redis: [{ prefixes: ['product:'] }] },
      },
    })
  }
})

const path = fc.constantFrom('/health', '/api/v1/x', '/a-b_c.d')
const file = fc.constantFrom(
  'dist/index.js',
  'server.js',
  'a b/c.js',
  "it's.js",
  'a: b.js',
  'a #b.js',
  '-x.js',
  `\${A}.js`,
)
const name = fc
  .array(
    fc.constantFrom('a', 'B', '7', '-', '.', '_', ':', '#', '@', 'é', ' x', 'true', 'null', '1e3', '&', '*'),
    { minLength: 1, maxLength: 6 },
  )
  .map((parts) => `s${parts.join('')}`)
const hostile = fc.string({ unit: 'binary', maxLength: 30 })

const findings: fc.Arbitrary<Findings> = fc.record({
  name: fc.option(fc.oneof(name, hostile)),
  version: fc.constant('1.0.0'),
  repository: fc.constantFrom('.', '..', '../..', null),
  lockfile: fc.constantFrom('package-lock.json', 'npm-shrinkwrap.json', 'pnpm-lock.yaml', 'yarn.lock', null),
  builds: fc.boolean(),
  script: fc.option(file),
  app: fc.option(
    fc.record({
      file: fc.constantFrom('ecosystem.config.cjs', 'ecosystem.json', null),
      name,
      script: fc.option(file),
      mode: fc.constantFrom('cluster', 'fork'),
      instances: fc.constantFrom(null, 1, 4),
      port: fc.constantFrom(null, 8080),
    }),
  ),
  otherApps: fc.array(hostile, { maxLength: 2 }),
  compose: fc.constant(null),
  dockerfile: fc.option(fc.record({ installs: fc.boolean() })),
  unreadable: fc.option(fc.record({ file: fc.constant('ecosystem.config.js'), why: hostile })),
  port: fc.option(fc.record({ number: fc.integer({ min: 1, max: 65_535 }), from: fc.constant('.env') })),
  databaseUrl: fc.constantFrom('environment', '.env', 'source', null),
  migrations: fc.record({
    tool: fc.option(fc.constant('knex')),
    folder: fc.constantFrom('migrations', 'db/x', null),
  }),
  health: fc.record({ live: fc.option(path), database: fc.option(path), ready: fc.option(path) }),
  smoke: fc.uniqueArray(path),
  person: fc.option(
    fc.record({
      short: fc.constantFrom('ann', '7', 'true', 'a.b-c'),
      name: hostile.filter((text) => /^\S[^\n]*$/.test(text)),
      email: fc.constantFrom('ann@example.org', "o'neil+x@example.org"),
      account: fc.constantFrom('ann', 'deploy', '1000'),
    }),
  ),
  timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'Etc/GMT+1'),
  schema: fc.constantFrom(null, 'node_modules/lastgood/schema/lastgood.schema.json'),
})

test('whatever was found, the file loads and says the same', () => {
  fc.assert(
    fc.property(findings, (found) => {
      const configuration = load(renderConfiguration(found))
      expect(configuration).toMatchObject({
        source: { repository: found.repository ?? '.' },
        health: found.health,
        migrations: found.migrations.folder,
        env: found.databaseUrl === null ? {} : ENV,
      })
      expect(Object.values(configuration.contacts.people).map(({ name, email }) => [name, email])).toEqual(
        found.person === null ? [] : [[found.person.name, found.person.email]],
      )
      expect(configuration.incident.review.timeZone).toBe(found.timeZone)
      if (found.app !== null) expect(configuration.runtime).toMatchObject({ app: found.app.name })
      if (found.app?.file === null && found.app.script !== null)
        expect(configuration.runtime).toMatchObject({ script: found.app.script })
      expect(configuration.smoke.map((check) => check.path)).toEqual(found.smoke)
    }),
  )
})

test.each([
  ['compose', 'haproxy', { kind: 'compose', service: 'app', router: { haproxy: { backend: 'app' } } }],
  ['compose', 'traefik', { kind: 'compose', router: { labels: { settleMs: 3_000 } } }],
  ['compose', null, { kind: 'compose', router: null }],
  ['swarm', null, { kind: 'swarm', service: 'my-service_app', port: 3000 }],
] as const)('a file for %s with %s', (kind, router, runtime) => {
  const compose = { file: 'compose.yaml', service: 'app', kind, router }
  expect(load(renderConfiguration({ ...BARE, compose })).runtime).toMatchObject(runtime)
})

test('a Dockerfile that installs by itself needs no build before it; without a Compose file it is only spoken of', () => {
  const dockerfile = { installs: true }
  const compose = { file: 'compose.yaml', service: 'app', kind: 'compose', router: null } as const
  expect(load(renderConfiguration({ ...BARE, compose, dockerfile })).build).toEqual([])
  expect(load(renderConfiguration({ ...BARE, compose, dockerfile: { installs: false } })).build).not.toEqual(
    [],
  )
  const alone = renderConfiguration({ ...BARE, dockerfile })
  expect(alone).toContain('# There is a Dockerfile')
  expect(load(alone)).toMatchObject({ runtime: { kind: 'pm2' } })
})
