import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canMount, mountSmallDisk } from '../../test/support/small-disk.ts'
import {
  commitFiles,
  configurationFor,
  type Files,
  git,
  makeTemporaryFolder,
  smallProject,
  writeFiles,
} from '../../test/support/temporary-project.ts'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import type { Configuration } from '../domain/configuration.ts'
import type { BuildRequest } from '../ports/source.ts'
import { createFileReleaseStore } from '../store/file-release-store.ts'
import { createGitSource } from './git-source.ts'
import { buildMark } from './orphaned-build.ts'
import { createPm2Packager } from './pm2-packager.ts'

const npmCi = ['npm', 'ci']

function makeProject(files: Files = smallProject, caller: Record<string, string | undefined> = process.env) {
  const folder = makeTemporaryFolder()
  const repository = join(folder.path, 'store')
  const commit = commitFiles(repository, files, 'The subject\n\nand more')
  const store = createFileReleaseStore({ home: join(folder.path, 'home') })
  const runner = new ExecaRunner()
  const packager = createPm2Packager(runner, caller)
  const source = createGitSource({ runner, writer: store, caller, packager })
  const build = (configuration: Configuration, changes: Partial<BuildRequest> = {}) =>
    source.build({
      configuration,
      configurationText: 'service: store\n',
      secrets: [],
      configPath: join(repository, 'lastgood.yaml'),
      release: 'r1',
      commit: { commit, ref: 'v1', subject: 'The subject' },
      prebuilt: null,
      signal: new AbortController().signal,
      ...changes,
    })
  const at = store.paths('store', 'r1')
  return { repository, commit, store, source, build, at, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

test('a reference becomes a commit with its subject', async () => {
  await using made = makeProject()
  const { source, repository, commit } = made
  git(repository, 'tag', '-a', 'v1', '-m', 'first')
  const configuration = configurationFor(repository)
  for (const ref of ['v1', 'HEAD', 'main', commit.slice(0, 8)]) {
    expect(await source.resolve(configuration, ref)).toEqual({ commit, ref, subject: 'The subject' })
  }
})

test.each(['v9', '-h', '--all', 'HEAD:package.json', 'main..main', '', 'HEAD^{tree}', '0'.repeat(40)])(
  'the reference %j is refused',
  async (ref) => {
    await using made = makeProject()
    const attempt = made.source.resolve(configurationFor(made.repository), ref)
    await expect(attempt).rejects.toMatchObject({ code: 'UNKNOWN_REF', exit: 14 })
  },
)

test('changes to tracked files are refused by name; new files are not in the way', async () => {
  await using made = makeProject()
  writeFiles(made.repository, { 'new.txt': 'x' })
  await made.source.resolve(configurationFor(made.repository), 'HEAD')
  writeFiles(made.repository, { 'index.js': 'changed' })
  await expect(made.source.resolve(configurationFor(made.repository), 'HEAD')).rejects.toMatchObject({
    code: 'DIRTY_REPOSITORY',
    details: [' M index.js'],
  })
})

test('no repository, a folder within one, and a shallow one are refused; a bare one is not', async () => {
  await using made = makeProject({ ...smallProject, 'sub/x': '1' })
  const { source, repository } = made
  await using empty = makeTemporaryFolder()
  const resolve = (path: string) => source.resolve(configurationFor(path), 'HEAD')
  await expect(resolve(empty.path)).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  await expect(resolve(join(empty.path, 'nowhere'))).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  await expect(resolve(join(repository, 'sub'))).rejects.toMatchObject({ code: 'NOT_A_REPOSITORY' })
  commitFiles(repository, { 'sub/x': '2' }, 'Second')
  git(empty.path, 'clone', '--quiet', '--depth=1', `file://${repository}`, 'shallow')
  await expect(resolve(join(empty.path, 'shallow'))).rejects.toMatchObject({ code: 'SHALLOW_REPOSITORY' })
  git(empty.path, 'clone', '--quiet', '--bare', repository, 'bare.git')
  expect((await resolve(join(empty.path, 'bare.git'))).subject).toBe('Second')
})

test('without git the refusal says so', async () => {
  await using made = makeProject(smallProject, { PATH: '/nowhere' })
  await expect(made.source.resolve(configurationFor(made.repository), 'HEAD')).rejects.toMatchObject({
    code: 'GIT_MISSING',
  })
})

test('the release holds exactly the committed files, and what the build adds', async () => {
  await using made = makeProject({
    ...smallProject,
    'bin/start': '#!/bin/sh\nexit 0\n',
    'latest.js': '-> index.js',
    'docs/left-out.md': 'export-ignore would leave it out',
    '.gitattributes': 'docs export-ignore\n',
    '.gitignore': 'dist\nnode_modules\n',
    'migrations/002_b.sql': '',
    'migrations/001_a.sql': '',
    'build.mjs': `import { mkdirSync, writeFileSync } from 'node:fs'
      mkdirSync('dist'); writeFileSync('dist/seen.json', JSON.stringify(process.env)); console.log('built it')`,
  })
  writeFiles(made.repository, { 'untracked.txt': 'x', 'dist/old.js': 'x' })
  const lines: string[] = []
  const configuration = configurationFor(made.repository, {
    build: [npmCi, ['node', 'build.mjs']],
    env: { DATABASE_URL: 'postgres://secret' },
    migrations: 'migrations',
  })
  const built = await made.build(configuration, { onLine: (line) => lines.push(line) })
  expect(built.release).toMatchObject({
    id: 'r1',
    service: 'store',
    commit: made.commit,
    ref: 'v1',
    subject: 'The subject',
    version: '1.2.3',
    adopted: false,
    migrations: ['001_a', '002_b'],
  })
  const { artifact } = made.at
  expect(readdirSync(artifact).sort()).toEqual(
    [
      '.gitattributes',
      '.gitignore',
      'bin',
      'build.mjs',
      'dist',
      'docs',
      'index.js',
      'latest.js',
      'migrations',
    ]
      .concat(
        'package-lock.json',
        'package.json',
        ...readdirSync(artifact).filter((n) => n === 'node_modules'),
      )
      .sort(),
  )
  expect(lstatSync(join(artifact, 'bin/start')).mode & 0o777).toBe(0o555)
  expect(readlinkSync(join(artifact, 'latest.js'))).toBe('index.js')
  const seen = readFileSync(join(artifact, 'dist/seen.json'), 'utf8')
  expect(seen).not.toContain('secret')
  expect(JSON.parse(seen)).toMatchObject({ CI: '1', npm_config_audit: 'false' })
  expect(lines).toEqual(expect.arrayContaining(['$ npm ci', '$ node build.mjs', 'built it']))
  expect(lines.filter((line) => line === 'built it')).toHaveLength(1)
  expect(await made.store.check('store', 'r1')).toEqual({ ok: true, files: built.files })
  expect(await made.store.launchRecord('store', 'r1')).toMatchObject({
    directory: artifact,
    env: { DATABASE_URL: 'postgres://secret', NODE_ENV: 'production', LASTGOOD_RELEASE: 'r1' },
    runtime: { script: 'index.js', mode: 'fork', port: 3000 },
  })
  expect(git(made.repository, 'status', '--porcelain', '--untracked-files=no')).toBe('')
})

test('the settings come from the ecosystem file of the commit, not of the working folder', async () => {
  const ecosystem = (instances: number) => `console.log('noise')
    module.exports = { apps: [
      { name: 'other', script: 'no.js' },
      { name: 'store', script: require('node:path').join(__dirname, 'index.js'), instances: ${instances},
        env: { DATABASE_URL: process.env.DATABASE_URL, PORT: 8080 }, out_file: 'logs/out.log' },
    ] }`
  await using made = makeProject({ ...smallProject, 'ecosystem.config.cjs': ecosystem(3) })
  commitFiles(made.repository, { 'ecosystem.config.cjs': ecosystem(5) }, 'Later')
  const configuration = configurationFor(made.repository, {
    env: { DATABASE_URL: 'postgres://here' },
    runtime: { ecosystem: 'ecosystem.config.cjs', script: null },
  })
  await made.build(configuration)
  expect(await made.store.launchRecord('store', 'r1')).toMatchObject({
    env: { DATABASE_URL: 'postgres://here', PORT: '8080' },
    runtime: {
      script: 'index.js',
      instances: 3,
      mode: 'cluster',
      port: 8080,
      options: { out_file: join(made.repository, 'logs/out.log') },
    },
  })
})

test.each<[string, string, Files, string]>([
  [
    'a name it does not have',
    'e.config.cjs',
    { 'e.config.cjs': 'module.exports={apps:[{name:"a"},{name:"b"}]}' },
    'UNKNOWN_APP',
  ],
  ['a file that is not there', 'no.config.cjs', {}, 'ECOSYSTEM_INVALID'],
  [
    'a file that throws',
    'e.config.cjs',
    { 'e.config.cjs': 'throw new Error("no token")' },
    'ECOSYSTEM_INVALID',
  ],
  ['broken JSON', 'e.json', { 'e.json': '{' }, 'ECOSYSTEM_INVALID'],
  ['broken YAML', 'e.yaml', { 'e.yaml': 'apps: [' }, 'ECOSYSTEM_INVALID'],
])('an ecosystem file with %s is refused, and nothing is left', async (_, ecosystem, files, code) => {
  await using made = makeProject({ ...smallProject, ...files })
  const attempt = made.build(configurationFor(made.repository, { runtime: { ecosystem } }))
  await expect(attempt).rejects.toMatchObject({ code, exit: 14 })
  expect(existsSync(made.at.folder)).toBe(false)
})

test('the names that an ecosystem file does have are told', async () => {
  await using made = makeProject({
    ...smallProject,
    'e.yaml': 'apps:\n  - name: shop\n  - script: worker.js\n',
  })
  const attempt = made.build(configurationFor(made.repository, { runtime: { ecosystem: 'e.yaml' } }))
  await expect(attempt).rejects.toThrow('has no app named store. It has: shop, worker.')
})

test('an entry script that the build does not make is refused', async () => {
  await using made = makeProject()
  const attempt = made.build(configurationFor(made.repository, { runtime: { script: 'dist/index.js' } }))
  await expect(attempt).rejects.toMatchObject({ code: 'ENTRY_MISSING', params: { script: 'dist/index.js' } })
})

test('a failing build leaves its log and no folder', async () => {
  await using made = makeProject({
    ...smallProject,
    'build.mjs': `console.log('one'); console.error('Oops: two'); process.exit(3)`,
  })
  const attempt = made.build(configurationFor(made.repository, { build: [['node', 'build.mjs']] }))
  const log = made.at.keptLog
  await expect(attempt).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    exit: 20,
    params: { command: 'node build.mjs', outcome: 'exit code 3', log },
    details: ['$ node build.mjs', 'one', 'Oops: two'],
  })
  expect(readFileSync(log, 'utf8')).toContain('Oops: two')
  expect(existsSync(made.at.folder)).toBe(false)
  expect(await made.store.list('store')).toEqual([])
})

test('a build command that is not installed is told so', async () => {
  await using made = makeProject()
  const attempt = made.build(configurationFor(made.repository, { build: [['no-such-builder', 'x']] }))
  await expect(attempt).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    params: { outcome: 'no such program on PATH' },
  })
})

test('a lockfile that does not fit fails the build', async () => {
  const lock = smallProject['package-lock.json'] ?? ''
  const files = {
    ...smallProject,
    'package.json': '{"name":"store","version":"1.2.3","dependencies":{"pg":"8.0.0"}}',
  }
  await using made = makeProject({ ...files, 'package-lock.json': lock })
  const attempt = made.build(configurationFor(made.repository, { build: [npmCi] }))
  await expect(attempt).rejects.toMatchObject({ code: 'BUILD_FAILED', params: { command: 'npm ci' } })
})

test.each<[string, Files]>([
  ['NO_LOCKFILE', { 'package-lock.json': '' }],
  ['SUBMODULES', { '.gitmodules': '[submodule "x"]\n' }],
])('%s is refused before anything is built', async (code, files) => {
  await using made = makeProject()
  writeFiles(made.repository, files)
  if (code === 'NO_LOCKFILE') git(made.repository, 'rm', '--quiet', '-f', 'package-lock.json')
  const commit = commitFiles(made.repository, { 'note.txt': 'x' })
  const configuration = configurationFor(made.repository)
  await expect(made.source.resolve(configuration, 'HEAD')).rejects.toMatchObject({ code })
  const attempt = made.build(configuration, { commit: { commit, ref: 'HEAD', subject: '' } })
  await expect(attempt).rejects.toMatchObject({ code, exit: 14 })
  expect(existsSync(made.at.folder)).toBe(false)
})

test('an abort ends the build and leaves nothing', async () => {
  await using made = makeProject({
    ...smallProject,
    'build.mjs': `console.log('begun'); setInterval(() => {}, 1000)`,
  })
  const controller = new AbortController()
  const attempt = made.build(configurationFor(made.repository, { build: [['node', 'build.mjs']] }), {
    signal: controller.signal,
    onLine: (line) => line === 'begun' && controller.abort(),
  })
  await expect(attempt).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(existsSync(made.at.folder)).toBe(false)
})

test('what a killed build left running is ended before its folder is used again, and nothing else', async () => {
  await using made = makeProject()
  const start = (release: string) => {
    const env = { ...process.env, ...buildMark(made.store.home, 'store', release) }
    return spawn('sleep', ['60'], { env, stdio: 'ignore' })
  }
  const [orphan, other] = [start('r1'), start('r10')]
  const ended = once(orphan, 'exit')
  try {
    await Promise.all([orphan, other].map((child) => child.pid ?? once(child, 'spawn')))
    await made.build(configurationFor(made.repository))
    expect(await ended).toEqual([null, 'SIGKILL'])
    expect(other.exitCode ?? other.signalCode).toBe(null)
  } finally {
    orphan.kill('SIGKILL')
    other.kill('SIGKILL')
  }
})

test('the same commit is built again under a new name', async () => {
  await using made = makeProject()
  const configuration = configurationFor(made.repository)
  await made.build(configuration)
  await made.build(configuration, { release: 'r2' })
  expect(await made.store.list('store')).toEqual(['r1', 'r2'])
})

test('hooks of the repository do not run, and its index is let be', async () => {
  await using made = makeProject()
  const hook = join(made.repository, '.git/hooks/post-checkout')
  writeFileSync(hook, `#!/bin/sh\ntouch ${made.repository}/hook-ran\nexit 1\n`, { mode: 0o755 })
  const index = readFileSync(join(made.repository, '.git/index'))
  await made.build(configurationFor(made.repository))
  expect(readFileSync(join(made.repository, '.git/index'))).toEqual(index)
  expect(existsSync(join(made.repository, 'hook-ran'))).toBe(false)
  expect(await made.store.exists('store', 'r1')).toBe(true)
})

const writeTooMuch = ['node', '-e', `require('fs').writeFileSync('big', Buffer.alloc(4e6))`]

test.skipIf(!canMount()).each<[string, string[], Files]>([
  ['by a build command', writeTooMuch, {}],
  ['while the commit is checked out', ['true'], { 'big.bin': 'x'.repeat(4_000_000) }],
  ['by the log', ['yes'], {}],
])(
  'a disk filled %s is a full disk, and nothing but the log is left (needs root)',
  async (_, command, files) => {
    await using made = makeProject({ ...smallProject, ...files })
    using _disk = mountSmallDisk(made.store.home)
    const attempt = made.build(configurationFor(made.repository, { build: [command] }))
    await expect(attempt).rejects.toMatchObject({ code: 'DISK_FULL', exit: 19 })
    expect(existsSync(made.at.folder)).toBe(false)
  },
)
