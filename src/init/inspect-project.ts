import { access } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import type { CommandRunner } from '../ports/command-runner.ts'
import { findCompose } from './find-compose.ts'
import { findDockerfile } from './find-dockerfile.ts'
import { findMigrations } from './find-migrations.ts'
import { findPerson } from './find-person.ts'
import type { Findings, FoundApp, Lockfile } from './findings.ts'
import { guessRoutes } from './guess-routes.ts'
import { readApps, toPort } from './read-apps.ts'
import { readDotEnv } from './read-dot-env.ts'
import { type PackageFile, readPackage } from './read-package.ts'
import { readSources } from './read-sources.ts'

type Environment = Readonly<Record<string, string | undefined>>

const LOCKFILES: readonly Lockfile[] = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
]
const SCHEMA = 'node_modules/lastgood/schema/lastgood.schema.json'

/**
 * Looks at a project and changes nothing.
 * @throws OperatorError NOT_A_PROJECT, PACKAGE_UNREADABLE
 */
export async function inspectProject(
  directory: string,
  { runner, env }: { runner: CommandRunner; env: Environment },
): Promise<Findings> {
  const about = await readPackage(directory)
  const dotEnv = await readDotEnv(directory)
  const sources = await readSources(directory)
  const { apps, unreadable } = await readApps(directory, runner, env.PATH ?? '')
  const app = apps.find(({ name }) => name === about.name) ?? apps[0] ?? null
  return {
    name: about.name,
    version: about.version,
    repository: await findRepository(directory),
    lockfile: await firstThere(directory, LOCKFILES),
    builds: about.scripts.build !== undefined,
    script: findScript(about),
    app,
    otherApps: apps.filter((other) => other !== app).map(({ name }) => name),
    unreadable,
    compose: await findCompose(directory),
    dockerfile: await findDockerfile(directory),
    port: findPort(app, dotEnv, env),
    databaseUrl: findDatabaseUrl(env, dotEnv, sources),
    migrations: await findMigrations(directory, about),
    ...guessRoutes(sources),
    person: await findPerson(directory, runner, env),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    schema: await firstThere(directory, [SCHEMA]),
  }
}

/** `node --flag dist/index.js` -> `dist/index.js`. */
function findScript({ scripts, main }: PackageFile): string | null {
  const started = /(?:^|\s)node\s(?:.*\s)?([\w./-]+\.[cm]?js)(?:\s|$)/.exec(scripts.start ?? '')?.[1] ?? main
  return started?.replace(/^\.\//, '') ?? null
}

function findPort(app: FoundApp | null, dotEnv: Record<string, string>, env: Environment): Findings['port'] {
  const candidates = [
    { number: app?.port ?? null, from: app?.file ?? 'package.json' },
    { number: toPort(dotEnv.PORT), from: '.env' },
    { number: toPort(env.PORT), from: 'the environment' },
  ]
  for (const { number, from } of candidates) if (number !== null) return { number, from }
  return null
}

function findDatabaseUrl(
  env: Environment,
  dotEnv: Environment,
  sources: readonly string[],
): Findings['databaseUrl'] {
  if (env.DATABASE_URL) return 'environment'
  if (dotEnv.DATABASE_URL) return '.env'
  return sources.some((text) => /\bDATABASE_URL\b/.test(text)) ? 'source' : null
}

/** `.git` is a folder, or a file in a worktree. */
async function findRepository(directory: string): Promise<string | null> {
  for (let folder = directory; ; folder = dirname(folder)) {
    if ((await firstThere(folder, ['.git'])) !== null) return relative(directory, folder) || '.'
    if (folder === dirname(folder)) return null
  }
}

async function firstThere<Name extends string>(folder: string, names: readonly Name[]): Promise<Name | null> {
  for (const name of names) {
    const there = await access(join(folder, name)).then(
      () => true,
      () => false,
    )
    if (there) return name
  }
  return null
}
