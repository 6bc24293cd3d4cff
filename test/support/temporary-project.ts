import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Configuration, Pm2Configuration } from '../../src/domain/configuration.ts'
import { NO_CONTACTS } from '../../src/domain/contacts/contacts.ts'
import { DEFAULT_WATCH } from '../../src/domain/default-watch.ts'
import { DEFAULT_INCIDENT } from '../../src/domain/incident-configuration.ts'
import { NO_NOTIFY } from '../../src/domain/notify/notify-configuration.ts'
import type { Release } from '../../src/domain/release.ts'
import type { LaunchRecord, Pm2Launch } from '../../src/ports/release-store.ts'
import { removeFolder } from '../../src/store/remove-folder.ts'

/** A folder for one test, and its end. */
export interface TemporaryFolder extends AsyncDisposable {
  path: string
}

export function makeTemporaryFolder(): TemporaryFolder {
  const path = mkdtempSync(join(realpathSync(tmpdir()), 'lastgood-test-'))
  return { path, [Symbol.asyncDispose]: () => removeFolder(path) }
}

/** Path -> content; `-> target` makes a link, a first line `#!` a program. */
export type Files = Record<string, string>

export function writeFiles(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    if (content.startsWith('-> ')) symlinkSync(content.slice(3), path)
    else writeFileSync(path, content)
    if (content.startsWith('#!')) chmodSync(path, 0o755)
  }
}

/** The smallest project that `npm ci` accepts: a lockfile, no dependency. */
export const smallProject: Files = {
  'package.json': JSON.stringify({ name: 'store', version: '1.2.3', private: true }),
  'package-lock.json': JSON.stringify({
    name: 'store',
    version: '1.2.3',
    lockfileVersion: 3,
    requires: true,
    packages: { '': { name: 'store', version: '1.2.3' } },
  }),
  'index.js': 'setInterval(() => {}, 1000)\n',
}

export function git(repository: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', '-c', 'commit.gpgsign=false']
  const env = { PATH: process.env.PATH, HOME: repository, GIT_CONFIG_NOSYSTEM: '1' }
  return execFileSync('git', ['-C', repository, ...identity, ...args], { env, encoding: 'utf8' }).trim()
}

/** A repository with one commit of these files on top of what is there; returns the commit. */
export function commitFiles(repository: string, files: Files, subject = 'A store'): string {
  mkdirSync(repository, { recursive: true })
  if (!existsSync(join(repository, '.git'))) git(repository, 'init', '--quiet', '--initial-branch=main')
  writeFiles(repository, files)
  git(repository, 'add', '--all')
  git(repository, 'commit', '--quiet', '--message', subject)
  return git(repository, 'rev-parse', 'HEAD')
}

export function configurationFor(
  repository: string,
  changes: Partial<Omit<Configuration, 'runtime'>> & { runtime?: Partial<Pm2Configuration> } = {},
): Configuration & { runtime: Pm2Configuration } {
  return {
    service: 'store',
    url: 'http://127.0.0.1:3000',
    source: { repository },
    build: [],
    env: {},
    health: { live: '/health', database: null, ready: null },
    smoke: [],
    verify: { windowMs: 1000, everyMs: 100, timeoutMs: 500 },
    bakeMs: 1000,
    standby: 'none',
    drainTimeoutMs: 1000,
    startTimeoutMs: 1000,
    keep: 3,
    migrations: null,
    database: null,
    watch: DEFAULT_WATCH,
    notify: NO_NOTIFY,
    statusPage: null,
    incident: DEFAULT_INCIDENT,
    contacts: NO_CONTACTS,
    cache: null,
    ...changes,
    runtime: {
      kind: 'pm2',
      app: 'store',
      ecosystem: null,
      script: 'index.js',
      args: null,
      nodeArgs: null,
      mode: null,
      instances: null,
      port: null,
      portVariable: 'PORT',
      agent: true,
      program: null,
      home: null,
      ...changes.runtime,
    },
  }
}

export function releaseFor(id: string, changes: Partial<Release> = {}): Release {
  return {
    id,
    service: 'store',
    commit: 'a'.repeat(40),
    ref: 'v1.2.3',
    subject: 'A store',
    version: '1.2.3',
    builtAt: '2026-03-01T03:00:00.000Z',
    adopted: false,
    migrations: null,
    bootMs: null,
    firstLiveAt: null,
    proven: null,
    bad: null,
    retiredAt: null,
    ...changes,
  }
}

export function launchFor(
  directory: string,
  changes: Partial<LaunchRecord<Pm2Launch>> = {},
): LaunchRecord<Pm2Launch> {
  return {
    service: 'store',
    directory,
    env: { NODE_ENV: 'production', SECRET: 'not for everybody' },
    secrets: ['not for everybody'],
    runtime: {
      kind: 'pm2',
      app: 'store',
      script: 'index.js',
      args: [],
      nodeArgs: [],
      mode: 'cluster',
      instances: 2,
      port: 3000,
      portVariable: 'PORT',
      agent: true,
      options: {},
    },
    configuration: configurationFor('/srv/store'),
    ...changes,
  }
}
