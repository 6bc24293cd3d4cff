import { chmodSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  commitFiles,
  configurationFor,
  type Files,
  launchFor,
  makeTemporaryFolder,
  smallProject,
  writeFiles,
} from '../../test/support/temporary-project.ts'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import { createFileReleaseStore } from '../store/file-release-store.ts'
import { type AdoptRequest, adoptFolder } from './adopt-folder.ts'

const running: Files = {
  ...smallProject,
  'bin/start': '#!/bin/sh\n',
  'node_modules/pg/package.json': '{}',
  'node_modules/.bin/pg': '-> ../pg/package.json',
  'migrations/001_a.sql': '',
}

/** The home lies within the folder, as careless people have it. */
function makeRunning(files: Files = running) {
  const folder = makeTemporaryFolder()
  const app = join(folder.path, 'app')
  writeFiles(app, files)
  const store = createFileReleaseStore({ home: join(app, '.lastgood') })
  const parts = { runner: new ExecaRunner(), writer: store, caller: process.env }
  const adopt = (changes: Partial<AdoptRequest> = {}) =>
    adoptFolder(parts, {
      configuration: configurationFor(app, { migrations: 'migrations' }),
      configurationText: '',
      secrets: [],
      release: 'r1',
      folder: app,
      env: { NODE_ENV: 'production', DATABASE_URL: 'postgres://here', PORT: '3000' },
      runtime: { ...launchFor(app).runtime, script: join(app, 'index.js') },
      signal: new AbortController().signal,
      ...changes,
    })
  const { artifact } = store.paths('store', 'r1')
  return { app, store, adopt, artifact, [Symbol.asyncDispose]: folder[Symbol.asyncDispose] }
}

test('what runs becomes a release: its files, its packages, its environment', async () => {
  await using made = makeRunning()
  const adopted = await made.adopt()
  expect(adopted.release).toMatchObject({
    adopted: true,
    commit: null,
    ref: 'adopted',
    subject: 'adopted from app',
    version: '1.2.3',
    migrations: ['001_a'],
  })
  expect(adopted).toMatchObject({ changes: null, files: Object.keys(running).length })
  expect(await made.store.launchRecord('store', 'r1')).toMatchObject({
    directory: made.artifact,
    env: { DATABASE_URL: 'postgres://here', LASTGOOD_RELEASE: 'r1' },
    runtime: { script: 'index.js', instances: 2 },
  })
  expect(await made.store.checkDeep('store', 'r1')).toMatchObject({ ok: true })
  expect(readlinkSync(join(made.artifact, 'node_modules/.bin/pg'))).toBe('../pg/package.json')
})

test('what runs is not touched, and the home and .git are not copied', async () => {
  await using made = makeRunning()
  commitFiles(made.app, { '.gitignore': '.lastgood\nnode_modules\n' })
  await made.adopt()
  expect(lstatSync(join(made.app, 'index.js')).mode & 0o222).not.toBe(0)
  expect(readdirSync(made.artifact)).not.toContain('.git')
  expect(readdirSync(made.artifact)).not.toContain('.lastgood')
  expect(readFileSync(join(made.artifact, 'index.js'), 'utf8')).toBe(smallProject['index.js'])
})

test('a git checkout gives its commit, and the changes on top of it', async () => {
  await using made = makeRunning()
  const commit = commitFiles(made.app, { '.gitignore': '.lastgood\n' }, 'As deployed')
  const clean = await made.adopt()
  expect(clean.release).toMatchObject({ commit, ref: commit.slice(0, 7), subject: 'As deployed' })
  expect(clean.changes).toEqual([])
  writeFiles(made.app, { 'index.js': 'edited on the server' })
  const edited = await made.adopt({ release: 'r2' })
  expect(edited.changes).toEqual([' M index.js'])
  expect(edited.release.commit).toBe(commit)
})

test('a link by its absolute place leads into the copy; a socket is left where it is', async () => {
  await using made = makeRunning()
  writeFiles(made.app, { 'current/conf': `-> ${join(made.app, 'package.json')}` })
  const socket = createServer().listen(join(made.app, 'app.sock'))
  try {
    await made.adopt()
  } finally {
    socket.close()
  }
  expect(readlinkSync(join(made.artifact, 'current/conf'))).toBe('../package.json')
  expect(readdirSync(made.artifact)).not.toContain('app.sock')
})

test('a link that leads out is refused, and nothing is left', async () => {
  await using made = makeRunning({ ...running, uploads: '-> /srv/shared/uploads' })
  await expect(made.adopt()).rejects.toMatchObject({ code: 'UNSAFE_LINK', exit: 14 })
  expect(await made.store.list('store')).toEqual([])
})

test('a secret file stays as private as it was', async () => {
  await using made = makeRunning({ ...running, '.env': 'PASSWORD=1' })
  chmodSync(join(made.app, '.env'), 0o600)
  await made.adopt()
  expect(lstatSync(join(made.artifact, '.env')).mode & 0o777).toBe(0o400)
})

test('a script outside the folder cannot be adopted', async () => {
  await using made = makeRunning()
  const runtime = { ...launchFor(made.app).runtime, script: '/usr/bin/npm' }
  await expect(made.adopt({ runtime })).rejects.toMatchObject({ code: 'ENTRY_MISSING' })
})

test('an abort ends the copy', async () => {
  await using made = makeRunning()
  await expect(made.adopt({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'INTERRUPTED' })
  expect(await made.store.list('store')).toEqual([])
})
