import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { canMount, mountSmallDisk } from '../../test/support/small-disk.ts'
import {
  type Files,
  launchFor,
  makeTemporaryFolder,
  releaseFor,
  smallProject,
  writeFiles,
} from '../../test/support/temporary-project.ts'
import { DEFAULT_WATCH } from '../domain/default-watch.ts'
import { createFileReleaseStore, type FileReleaseStore } from './file-release-store.ts'

const installed: Files = {
  ...smallProject,
  'bin/start': '#!/bin/sh\n',
  'views/latest': '-> ../index.js',
  'node_modules/pg/package.json': '{"name":"pg"}',
  'node_modules/pg/lib/index.js': 'exports.pg = 1\n',
  'node_modules/@scope/one/package.json': '{}',
  'node_modules/.bin/pg': '-> ../pg/lib/index.js',
}

async function openStore(files: Files = installed) {
  const folder = makeTemporaryFolder()
  const store = createFileReleaseStore({ home: join(folder.path, 'home') })
  const sealed = await sealRelease(store, 'r1', files)
  const at = store.paths('store', 'r1')
  return { store, at, sealed, home: folder.path, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

async function sealRelease(store: FileReleaseStore, id: string, files: Files) {
  const draft = await store.begin('store', id)
  writeFiles(draft.directory, files)
  return draft.seal({
    release: releaseFor(id),
    launch: launchFor(draft.directory),
    configurationText: 'service: store\n',
  })
}

/** As somebody with every right would. */
function breakIn(path: string): void {
  chmodSync(join(path, '..'), 0o755)
  if (lstatSync(path).isFile()) chmodSync(path, 0o644)
}

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('a sealed release is there, whole, and says what was put in', async () => {
  await using made = await openStore()
  const { store, sealed } = made
  const files = Object.keys(installed).length
  expect(sealed.files).toBe(files)
  expect(await store.exists('store', 'r1')).toBe(true)
  expect(await store.list('store')).toEqual(['r1'])
  expect(await store.check('store', 'r1')).toEqual({ ok: true, files })
  expect(await store.checkDeep('store', 'r1')).toEqual({ ok: true, files })
  expect((await store.launchRecord('store', 'r1')).env.SECRET).toBe('not for everybody')
  expect(await store.release('store', 'r1')).toEqual(releaseFor('r1'))
  expect(await store.configurationText('store', 'r1')).toBe('service: store\n')
})

test('nothing in it can be written, programs stay programs, secrets stay secret', async () => {
  await using made = await openStore({ ...installed, '.env': 'PASSWORD=1' })
  const { at } = made
  expect(modeOf(join(at.artifact, 'index.js'))).toBe('444')
  expect(modeOf(join(at.artifact, 'bin/start'))).toBe('555')
  expect(modeOf(join(at.artifact, 'node_modules/pg/lib'))).toBe('555')
  expect(modeOf(at.artifact)).toBe('555')
  expect(modeOf(at.launch)).toBe('600')
  expect(modeOf(at.configuration)).toBe('600')
})

test('a release that was built before there was a watch is watched as one that says nothing about it', async () => {
  await using made = await openStore()
  const { configuration, ...launch } = JSON.parse(readFileSync(made.at.launch, 'utf8'))
  const { watch: _, ...before } = configuration
  breakIn(made.at.launch)
  writeFileSync(made.at.launch, JSON.stringify({ ...launch, configuration: before }))
  expect((await made.store.launchRecord('store', 'r1')).configuration.watch).toEqual(DEFAULT_WATCH)
})

test('a right to read that was not given before is not given by the seal', async () => {
  await using folder = makeTemporaryFolder()
  const store = createFileReleaseStore({ home: folder.path })
  const draft = await store.begin('store', 'r1')
  writeFiles(draft.directory, { ...smallProject, '.env': 'PASSWORD=1' })
  chmodSync(join(draft.directory, '.env'), 0o600)
  await draft.seal({ release: releaseFor('r1'), launch: launchFor(draft.directory), configurationText: '' })
  expect(modeOf(join(draft.directory, '.env'))).toBe('400')
})

test.each([
  ['a file is gone', 'package.json', rmSync, 'package.json is missing'],
  [
    'a file is cut short',
    'package-lock.json',
    truncateSync,
    /^package-lock.json has 0 bytes instead of \d+$/,
  ],
  ['the entry script is gone', 'index.js', rmSync, 'index.js (the entry script) is missing'],
  ['a package is gone', 'node_modules/pg/package.json', rmSync, 'node_modules/pg/package.json is missing'],
  [
    'a program lost its right',
    'bin/start',
    (path: string) => chmodSync(path, 0o444),
    'bin/start can no longer be executed',
  ],
])('the quick look finds that %s', async (_, file, damage, problem) => {
  await using made = await openStore()
  const path = join(made.at.artifact, file)
  breakIn(path)
  damage(path)
  const found = await made.store.check('store', 'r1')
  expect(found).toMatchObject({ ok: false })
  expect(found.ok ? [] : found.problems).toContainEqual(
    typeof problem === 'string' ? problem : expect.stringMatching(problem),
  )
})

test('the deep look reads every file, the quick one none', async () => {
  await using made = await openStore()
  for (const name of ['package.json', 'node_modules/pg/lib/index.js']) {
    const path = join(made.at.artifact, name)
    breakIn(path)
    writeFileSync(path, readFileSync(path, 'utf8').toUpperCase())
  }
  expect(await made.store.check('store', 'r1')).toMatchObject({ ok: true })
  expect(await made.store.checkDeep('store', 'r1')).toEqual({
    ok: false,
    problems: ['node_modules/pg/lib/index.js was changed', 'package.json was changed'],
  })
})

test('a link that leads elsewhere than before was changed', async () => {
  await using made = await openStore()
  const link = join(made.at.artifact, 'views/latest')
  breakIn(link)
  rmSync(link)
  writeFiles(made.at.artifact, { 'views/latest': '-> ../bin/start' })
  expect(await made.store.checkDeep('store', 'r1')).toEqual({
    ok: false,
    problems: ['views/latest was changed'],
  })
})

test.each(['launch.json', 'release.json', 'manifest.txt'])(
  'a %s that is cut short is a problem',
  async (name) => {
    await using made = await openStore()
    const path = join(made.at.folder, name)
    const text = readFileSync(path, 'utf8')
    chmodSync(path, 0o600)
    writeFileSync(path, text.slice(0, text.length / 2))
    const found = await made.store.check('store', 'r1')
    expect(found.ok ? '' : found.problems.join()).toContain(name)
  },
)

test('many problems are counted, the first few named', async () => {
  const files = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`data/${n}.txt`, 'x']))
  await using made = await openStore({ ...installed, ...files })
  breakIn(join(made.at.artifact, 'data'))
  chmodSync(join(made.at.artifact, 'data'), 0o755)
  rmSync(join(made.at.artifact, 'data'), { recursive: true })
  const found = await made.store.check('store', 'r1')
  expect(found.ok ? [] : found.problems).toHaveLength(6)
  expect(found.ok ? '' : found.problems.at(-1)).toBe('and 35 more')
})

test('a release whose folder is gone is named with what to do', async () => {
  await using made = await openStore()
  await made.store.remove('store', 'r1')
  expect(existsSync(made.at.folder)).toBe(false)
  expect(await made.store.exists('store', 'r1')).toBe(false)
  expect(await made.store.check('store', 'r1')).toMatchObject({ ok: false })
  await expect(made.store.launchRecord('store', 'r1')).rejects.toMatchObject({
    code: 'RELEASE_FILES_GONE',
    message: 'r1 cannot be started: launch.json is missing.',
  })
  await made.store.remove('store', 'r1')
})

test('an interrupted build is no release, and the next one starts empty and keeps its log', async () => {
  await using made = await openStore()
  const { store } = made
  const first = await store.begin('store', 'r2')
  writeFiles(first.directory, installed)
  writeFileSync(first.logFile, 'half a build\n')
  // As if killed in the middle of the seal.
  chmodSync(join(first.directory, 'node_modules'), 0o555)
  chmodSync(first.directory, 0o555)
  expect(await store.exists('store', 'r2')).toBe(false)
  expect(await store.list('store')).toEqual(['r1', 'r2'])
  const second = await store.begin('store', 'r2')
  expect(existsSync(join(second.directory, 'package.json'))).toBe(false)
  expect(readFileSync(store.paths('store', 'r2').keptLog, 'utf8')).toBe('half a build\n')
})

test('a discarded draft leaves its log and nothing else', async () => {
  await using made = await openStore()
  const draft = await made.store.begin('store', 'r2')
  writeFiles(draft.directory, installed)
  writeFileSync(draft.logFile, 'no\n')
  const { log } = await draft.discard()
  expect(readFileSync(log, 'utf8')).toBe('no\n')
  expect(await made.store.list('store')).toEqual(['r1'])
})

test('a sealed release is never built over', async () => {
  await using made = await openStore()
  await expect(made.store.begin('store', 'r1')).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(await made.store.check('store', 'r1')).toMatchObject({ ok: true })
})

test('links that lead out are refused by name; those that stay inside are kept', async () => {
  await using folder = makeTemporaryFolder()
  const store = createFileReleaseStore({ home: folder.path })
  writeFiles(folder.path, { 'outside.txt': 'x' })
  const attempt = sealRelease(store, 'r1', {
    ...installed,
    'a-up': '-> ../../../../../../outside.txt',
    'b-absolute': '-> /etc/hostname',
    'c-dangling': '-> ../nowhere',
    'd-inside-dangling': '-> not-yet.txt',
    'e-by-way-of': '-> node_modules/.bin/../../index.js',
  })
  await expect(attempt).rejects.toMatchObject({
    code: 'UNSAFE_LINK',
    details: [expect.stringContaining('a-up ->'), 'b-absolute -> /etc/hostname', 'c-dangling -> ../nowhere'],
  })
  expect(await store.exists('store', 'r1')).toBe(false)
})

test.each([
  ['../other', 'r1'],
  ['store', '../r1'],
  ['store', 'r1/../../x'],
  ['.', 'r1'],
])('the names %j %j never become a path', async (service, release) => {
  await using folder = makeTemporaryFolder()
  const store = createFileReleaseStore({ home: folder.path })
  await expect(store.remove(service, release)).rejects.toMatchObject({
    exit: expect.any(Number),
  })
})

test('a file that is shared with another folder gets a content of its own', async () => {
  await using folder = makeTemporaryFolder()
  const store = createFileReleaseStore({ home: join(folder.path, 'home') })
  writeFiles(folder.path, { 'pnpm-store/pg.js': '1' })
  const shared = join(folder.path, 'pnpm-store/pg.js')
  const draft = await store.begin('store', 'r1')
  writeFiles(draft.directory, installed)
  linkSync(shared, join(draft.directory, 'node_modules/pg/lib/shared.js'))
  await draft.seal({ release: releaseFor('r1'), launch: launchFor(draft.directory), configurationText: '' })
  expect(modeOf(shared)).toBe('644')
  writeFileSync(shared, '2')
  expect(await store.checkDeep('store', 'r1')).toMatchObject({ ok: true })
})

test('strange file names come back as they were', async () => {
  const files = { ...installed, 'a b.txt': '1', 'line\nbreak': '2', '"quoted"': '3', 'ünï/ ': '4' }
  await using made = await openStore(files)
  expect(await made.store.checkDeep('store', 'r1')).toEqual({ ok: true, files: Object.keys(files).length })
})

test('a service nobody built has no releases', async () => {
  await using made = await openStore()
  expect(await made.store.list('other')).toEqual([])
})

test.skipIf(!canMount())('a home that cannot be written is told as such (needs root)', async () => {
  await using folder = makeTemporaryFolder()
  const home = join(folder.path, 'home')
  using _disk = mountSmallDisk(home, 'ro')
  const store = createFileReleaseStore({ home })
  await expect(store.begin('store', 'r1')).rejects.toMatchObject({ code: 'HOME_READ_ONLY', exit: 19 })
})
