import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import { inspectProject } from './inspect-project.ts'

let project: string
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'lastgood-init-'))
})
afterEach(() => rm(project, { recursive: true }))

async function write(files: Record<string, string | object>): Promise<void> {
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(project, name)), { recursive: true })
    await writeFile(join(project, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
}

function inspect(env: Record<string, string> = {}) {
  const alone = { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1' }
  return inspectProject(project, { runner: new ExecaRunner(), env: { ...alone, ...env } })
}

test('a bare project: nothing is made up', async () => {
  await write({ 'package.json': { name: 'bare' } })
  expect(await inspect()).toEqual({
    name: 'bare',
    version: null,
    repository: null,
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
    timeZone: expect.any(String),
    schema: null,
  })
})

test('whoever sets it up is the one whom git knows, if it is somebody', async () => {
  await write({
    'package.json': {},
    gitconfig: '[user]\n name = Ann "A" Lee\n email = Ann.Lee+git@example.org\n',
  })
  const personOf = async () => (await inspect({ GIT_CONFIG_GLOBAL: join(project, 'gitconfig') })).person
  expect(await personOf()).toEqual({
    ...{ short: 'ann.lee', name: 'Ann A Lee', email: 'Ann.Lee+git@example.org' },
    account: userInfo().username,
  })
  await write({ gitconfig: '[user]\n name = Ann\n email = nowhere\n' })
  expect(await personOf()).toBeNull()
})

test('no package.json, and one that is broken, are refused', async () => {
  await expect(inspect()).rejects.toMatchObject({ code: 'NOT_A_PROJECT', params: { directory: project } })
  await write({ 'package.json': '{ "name": ' })
  await expect(inspect()).rejects.toMatchObject({ code: 'PACKAGE_UNREADABLE' })
  await write({ 'package.json': '[]' })
  await expect(inspect()).rejects.toMatchObject({ code: 'PACKAGE_UNREADABLE' })
})

const APP = {
  name: 'shop',
  script: './dist/index.js',
  exec_mode: 'cluster',
  instances: 2,
  env: { PORT: 4000 },
}

test.each([
  ['ecosystem.config.cjs', `module.exports = { apps: [${JSON.stringify(APP)}] }`],
  ['ecosystem.config.mjs', `export default { apps: ${JSON.stringify(APP)} }`],
  ['ecosystem.config.js', `console.log('noise'); exports.apps = [${JSON.stringify(APP)}]`],
  ['ecosystem.config.json', `{ // with a comment\n "apps": [${JSON.stringify(APP)}] }`],
  ['ecosystem.json', { pm2: [APP] }],
])('reads %s', async (file, content) => {
  await write({ 'package.json': { name: 'x' }, [file]: content })
  const found = await inspect()
  expect(found.app).toEqual({
    file,
    name: 'shop',
    script: 'dist/index.js',
    mode: 'cluster',
    instances: 2,
    port: 4000,
  })
  expect(found.port).toEqual({ number: 4000, from: file })
})

test('takes the app of the package among several, and names the others', async () => {
  await write({
    'package.json': { name: 'shop' },
    'ecosystem.json': { apps: [{ name: 'worker', script: 'w.js' }, APP] },
  })
  expect(await inspect()).toMatchObject({ app: { name: 'shop' }, otherApps: ['worker'] })
})

test('apps in package.json are no ecosystem file', async () => {
  await write({ 'package.json': { name: 'x', apps: [{ script: 'server.js' }] } })
  expect((await inspect()).app).toEqual({
    file: null,
    name: 'server',
    script: 'server.js',
    mode: 'fork',
    instances: null,
    port: null,
  })
})

test('an ecosystem file that throws is said, and sees nothing of our environment', async () => {
  await write({
    'package.json': {},
    'ecosystem.config.cjs': 'throw new Error("token is " + process.env.TOKEN)',
  })
  expect(await inspect({ TOKEN: 'hunter22' })).toMatchObject({
    app: null,
    unreadable: { file: 'ecosystem.config.cjs', why: 'token is undefined' },
  })
})

test('no value of a variable is in the findings', async () => {
  await write({
    'package.json': {},
    '.env': 'export DATABASE_URL="postgres://a:hunter22@b/c"\nPORT=8080 \n# PORT=1\n',
    'ecosystem.json': { apps: [{ ...APP, env: { API_KEY: 'hunter22' } }] },
  })
  const found = await inspect({ OTHER: 'hunter22' })
  expect(JSON.stringify(found)).not.toContain('hunter22')
  expect(found).toMatchObject({ databaseUrl: '.env', port: { number: 8080, from: '.env' } })
})

test.each([
  [{ 'node-pg-migrate': '1' }, {}, 'migrations', 'node-pg-migrate'],
  [{ 'node-pg-migrate': '1' }, { up: 'node-pg-migrate -m ./db/changes up' }, 'db/changes', 'node-pg-migrate'],
  [{ knex: '1' }, {}, 'db/migrations', 'knex'],
  [{ '@prisma/client': '1' }, {}, 'prisma/migrations', 'prisma'],
  [{ typeorm: '1' }, {}, 'src/migrations', 'typeorm'],
  [{}, {}, 'db/migrations', null],
])('finds the migrations of %o', async (dependencies, scripts, folder, tool) => {
  await write({ 'package.json': { dependencies, scripts }, [`${folder}/1.sql`]: '' })
  expect((await inspect()).migrations).toEqual({ tool, folder })
})

test('reads routes from the source, and from nothing else', async () => {
  await write({
    'package.json': { name: 'x', main: './server.js' },
    'src/app.ts': `app.get('/healthz', live)\napp.get<{ Querystring: Q }>(\n  '/products',\n h)\nconst url = process.env.DATABASE_URL`,
    'src/ready.ts': `server.route({ method: 'GET', url: '/ready', handler })`,
    'src/app.test.ts': `app.get('/categories', x)`,
    'node_modules/x/index.js': `app.get('/health/db', x)`,
  })
  expect(await inspect()).toMatchObject({
    script: 'server.js',
    databaseUrl: 'source',
    health: { live: '/healthz', database: null, ready: '/ready' },
    smoke: ['/products'],
  })
})

test('knows a repository, and a folder in one', async () => {
  await write({ '.git/HEAD': '', 'package.json': {}, 'yarn.lock': '', 'api/package.json': {} })
  expect(await inspect()).toMatchObject({ repository: '.', lockfile: 'yarn.lock' })
  project = join(project, 'api')
  try {
    expect(await inspect()).toMatchObject({ repository: '..', lockfile: null })
  } finally {
    project = dirname(project)
  }
})
