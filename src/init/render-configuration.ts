import type { Findings, Lockfile } from './findings.ts'
import { incidentSections } from './incident-sections.ts'
import { runsInContainers, runtimeSection } from './runtime-section.ts'
import { writeComment, writeScalar } from './write-scalar.ts'

/** Findings -> the text of `lastgood.yaml`. What was not found stands there as a comment, with its default. */
export function renderConfiguration(findings: Findings): string {
  const service = serviceName(findings)
  const sections = [
    header(findings, service),
    [`service: ${writeScalar(service)}`],
    urlSection(findings),
    sourceSection(findings),
    buildSection(findings),
    runtimeSection(findings, service),
    environmentSection(findings),
    healthSection(findings),
    smokeSection(findings),
    migrationsSection(findings),
    databaseSection(findings),
    ...incidentSections(findings),
    DEFAULTS,
  ]
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`
}

/** `@acme/Store_API` -> `store-api`. */
function serviceName({ app, name }: Findings): string {
  const words = (app?.name ?? name ?? '').replace(/^@[^/]*\//, '').toLowerCase()
  const fit = words
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return fit === '' ? 'my-service' : fit
}

function header({ schema }: Findings, service: string): string[] {
  return [
    ...(schema === null ? [] : [`# yaml-language-server: $schema=${schema}`]),
    `# How lastgood deploys ${service}, checks it, and takes it back to its last known good release.`,
    '# Written from what was found in this folder; a line marked "guess" wants a look. Then: lastgood doctor',
    `# \${NAME} takes a value from the environment lastgood runs in. No secret belongs in this file.`,
    '# Times are written 250ms, 10s, 5m, 1h or 7d.',
  ]
}

function urlSection({ port }: Findings): string[] {
  const source = port === null ? '# guess' : `# port from ${port.from}`
  return [
    '# Where the service answers, as seen from this host.',
    `url: http://127.0.0.1:${port?.number ?? 3000} ${source}`,
  ]
}

function sourceSection({ repository }: Findings): string[] {
  if (repository === null)
    return [
      '# No git repository was found here. lastgood adopt works without one; lastgood deploy needs it.',
      '# source: { repository: . }',
    ]
  if (repository === '.')
    return ['# source: { repository: . } # the git repository that releases are built from']
  return [
    '# This folder is part of a larger repository. Releases are built from its root, so every path and command below',
    '# must be right there.',
    'source:',
    `  repository: ${writeScalar(repository)}`,
  ]
}

const INSTALL: Record<Lockfile, readonly string[]> = {
  'package-lock.json': ['npm ci', 'npm run build'],
  'npm-shrinkwrap.json': ['npm ci', 'npm run build'],
  'pnpm-lock.yaml': ['pnpm install --frozen-lockfile', 'pnpm run build'],
  'yarn.lock': ['yarn install --frozen-lockfile', 'yarn run build'],
}

function buildSection(findings: Findings): string[] {
  const { lockfile, builds, dockerfile } = findings
  if (runsInContainers(findings) && dockerfile?.installs)
    return [
      '# Commands before the image is built, in the checkout. The Dockerfile installs and builds by itself.',
      'build: []',
    ]
  const [install = '', build = ''] = INSTALL[lockfile ?? 'package-lock.json']
  return [
    '# From a clean checkout in a folder of its own, in this order. No shell: write one as [sh, -c, "..."].',
    ...(lockfile === null
      ? ['# No lockfile was found, and without one a build cannot be repeated: commit one.']
      : []),
    'build:',
    `  - ${install}`,
    ...(builds ? [`  - ${build}`] : []),
  ]
}

function environmentSection({ databaseUrl }: Findings): string[] {
  const line = `  DATABASE_URL: \${DATABASE_URL}`
  const about = '# Environment of the service, kept with each release so that going back brings it back, too.'
  if (databaseUrl === null) return [about, '# env:', `# ${line}`]
  const where = {
    environment: [],
    '.env': ['# It stands in .env, which lastgood does not read: set -a; . ./.env; set +a'],
    source: ['# The source asks for it; it is not set here yet.'],
  }[databaseUrl]
  return [about, ...where, 'env:', line]
}

function healthSection({ health }: Findings): string[] {
  const usual = { live: '/health', database: '/health/db', ready: '/health/ready' }
  const keys = ['live', 'database', 'ready'] as const
  const about =
    '# Asked of every candidate before it has traffic, and of the service after. Found in the source: guess.'
  if (keys.every((key) => health[key] === null))
    return [
      '# Asked of every candidate before it has traffic, and of the service after. None was found in the source.',
      '# health:',
      ...keys.map((key) => `#   ${key}: ${usual[key]}`),
    ]
  const line = (key: (typeof keys)[number]) =>
    health[key] === null ? `  # ${key}: ${usual[key]}` : `  ${key}: ${writeScalar(health[key])}`
  return [about, 'health:', ...keys.map(line)]
}

function smokeSection({ smoke }: Findings): string[] {
  const about = '# Requests that must work for the service to be called well.'
  const more = '{ method: POST, path: /login, body: { name: a }, status: 401, within: 1s }'
  if (smoke.length === 0) return [about, '# smoke:', '#   - GET /', `#   - ${more}`]
  return [
    `${about} Found in the source: guess.`,
    'smoke:',
    ...smoke.map((path) => `  - GET ${path}`),
    `  # - ${more}`,
  ]
}

function migrationsSection({ migrations: { tool, folder } }: Findings): string[] {
  const about = '# Folder with one file per migration; null: migrations are not looked at.'
  const by = tool === null ? '' : ` # ${writeComment(tool)}`
  if (folder === null && tool !== null)
    return [about, `migrations: null # guess: ${tool} is here, its folder was not found`]
  return [about, `migrations: ${folder === null ? 'null' : writeScalar(folder)}${by}`]
}

function databaseSection({ databaseUrl }: Findings): string[] {
  const lines = [
    'database:',
    `  url: \${DATABASE_URL}`,
    `  # adminUrl: \${DATABASE_ADMIN_URL} # of a role that may create databases, where that of url may not`,
    '  # checkpoints: { keep: 7, maxAge: 30d, beforeDeploy: true, every: 24h }',
    '  # keepDamaged: 7d # a database that a restore has replaced',
  ]
  return [
    '# The data goes back with the code: a deploy takes a checkpoint, tries the way back on a copy, and applies the migrations;',
    '# a rollback takes down or restores what has to be. Without this section the database is left alone.',
    ...(databaseUrl === null ? lines.map((line) => `# ${line}`) : lines),
  ]
}

const DEFAULTS = [
  '# The rest has defaults, which are:',
  '# verify: { window: 5s, every: 500ms, timeout: 2s }',
  '# bake: 10m          # serving this long without a finding makes a release proven',
  '# standby: none      # warm keeps the last known good booted, so that going back is quicker',
  '# drain: { timeout: 30s }',
  '# start: { timeout: 30s }',
  '# keep: 5            # proven releases that are never removed',
]
