import * as z from 'zod'
import type { Configuration, DatabaseConfiguration } from '../domain/configuration.ts'
import { cacheOf, cacheSchema } from './cache-schema.ts'
import { contactsOf, contactsSchema } from './contacts-schema.ts'
import { databaseSchema } from './database-schema.ts'
import { incidentOf, incidentSchema } from './incident-schema.ts'
import { notifyOf, notifySchema, statusPageOf, statusPageSchema } from './notify-schema.ts'
import { runtimeSchema } from './runtime-schema.ts'
import {
  choiceOf,
  duration,
  expecting,
  mapOf,
  pathInside,
  textOf,
  urlPath,
  wholeNumber,
} from './scalar-schemas.ts'
import { nameOfCheck, smokeSchema } from './smoke-schema.ts'
import { watchOf, watchSchema } from './watch-schema.ts'
import { commandSchema, textMap } from './word-schemas.ts'

/** One file is checked once in a process: compiling the checks first would cost more than it saves. */
z.config({ jitless: true })

const A_URL = 'a URL such as http://127.0.0.1:3000, without user name, query or #'
const healthPath = urlPath.nullable().default(null)

/** `lastgood.yaml` as a person writes it. The descriptions are the editor's help. */
export const fileSchema = mapOf('a map of settings', {
  service: textOf('a name of a-z, 0-9 and "-", at most 63 long', /^[a-z0-9][a-z0-9-]{0,62}$/).describe(
    'Name of the service. Its releases, its history and its lock are kept under it, so it never changes.',
  ),
  url: z
    .string({ error: expecting(A_URL) })
    .refine(isServiceUrl, { error: `must be ${A_URL}` })
    .meta({ pattern: '^https?://' })
    .describe('Where the service answers, as its users reach it from this host: http://127.0.0.1:3000'),
  source: mapOf('a map with a repository', {
    repository: z
      .string({ error: expecting('a folder') })
      .min(1, 'must be a folder')
      .default('.')
      .describe('Folder of the git repository that releases are built from, relative to this file.'),
  })
    .prefault({})
    .describe('Where releases come from.'),
  build: z
    .array(commandSchema, { error: expecting('a list of commands') })
    .prefault(['npm ci', 'npm run build'])
    .describe(
      'Commands that build a release from a clean checkout, in order. No shell: write one as [sh, -c, "..."].',
    ),
  runtime: runtimeSchema.describe('What runs the service.'),
  env: textMap('a variable name', /^[A-Za-z_][A-Za-z0-9_]*$/)
    .prefault({})
    .describe(
      `Environment of the service, kept with each release. It wins over the ecosystem file. Secrets come in as \${NAME}.`,
    ),
  health: mapOf('a map of health paths', {
    live: healthPath.describe('Path that answers 2xx while the process is alive: /health'),
    database: healthPath.describe('Path that answers 2xx while the database can be reached: /health/db'),
    ready: healthPath.describe('Path that answers 2xx when the instance can take traffic: /health/ready'),
  })
    .prefault({})
    .describe('Health endpoints, asked of every candidate before it has traffic and of the service after.'),
  smoke: smokeSchema
    .prefault([])
    .describe('Requests that must work for the service to be called well: "GET /products", or a map.'),
  verify: mapOf('a map of times', {
    window: duration(0).prefault('5s').describe('How long the service is watched after a switch.'),
    every: duration(50).prefault('500ms').describe('Time between two rounds of checks.'),
    timeout: duration(1).prefault('2s').describe('An answer that takes longer fails its check.'),
  })
    .prefault({})
    .describe('How a release is verified.'),
  bake: duration(0)
    .prefault('10m')
    .describe('How long a release serves without a finding until it is proven, and may be gone back to.'),
  standby: choiceOf('kind of standby', ['warm', 'none'])
    .default('none')
    .describe(
      'warm: the last known good release is kept booted and holding, so that going back takes milliseconds. On a swarm one task of it waits outside of the traffic, so that going back takes one boot and not two. It costs its memory.',
    ),
  drain: mapOf('a map with a timeout', {
    timeout: duration(0)
      .prefault('30s')
      .describe('How long old instances may take to finish what they have.'),
  })
    .prefault({})
    .describe('How old instances are emptied.'),
  start: mapOf('a map with a timeout', {
    timeout: duration(1).prefault('30s').describe('How long a candidate may take to become ready.'),
  })
    .prefault({})
    .describe('How candidates are started.'),
  keep: wholeNumber(1, 1_000).prefault(5).describe('How many proven releases are always kept.'),
  migrations: pathInside('a folder')
    .nullable()
    .default('migrations')
    .describe('Folder with one file per migration, in the repository. null: migrations are not looked at.'),
  database: databaseSchema
    .nullable()
    .default(null)
    .describe('The PostgreSQL database of the service. null: lastgood leaves the database alone.'),
  watch: watchSchema.prefault({}).describe('How a release that serves is watched, and what follows.'),
  notify: notifySchema.prefault({}).describe('Who is told what, and how.'),
  statusPage: statusPageSchema
    .nullable()
    .default(null)
    .describe('The page for customers, written as static files on every change. null: there is none.'),
  incident: incidentSchema.prefault({}).describe('What is kept and done about an incident.'),
  contacts: contactsSchema.prefault({}).describe('Who is called, and in which order.'),
  cache: cacheSchema
    .nullable()
    .default(null)
    .describe(
      'What caches answers, and is emptied in a rollback once traffic has moved. null: nothing does.',
    ),
})
  .refine(({ standby, runtime }) => standby !== 'warm' || runtime.agent || runtime.kind === 'swarm', {
    path: ['standby'],
    error: 'needs the agent: set runtime.agent: true, or standby: none',
    // Said together with all other problems, so the rest of the file may still be wrong.
    when: ({ value }) => holds(value, 'runtime'),
  })
  .refine(({ database, watch }) => database !== null || watch.invariants.length === 0, {
    path: ['watch', 'invariants'],
    error: 'needs a database: say under database: where the queries go',
    when: ({ value }) => saysWhetherDatabase(value) && holds(value, 'watch', 'invariants'),
  })
  .refine(({ database, watch }) => database !== null || watch.sessions.sql === null, {
    path: ['watch', 'sessions', 'sql'],
    error: 'needs a database: say under database: where the query goes',
    when: ({ value }) => saysWhetherDatabase(value) && holds(value, 'watch', 'sessions'),
  })
  .refine(
    ({ runtime, watch: { signals } }) => runtime.agent || signals.from !== 'endpoint' || signals.url !== null,
    {
      path: ['watch', 'signals', 'url'],
      error: 'is missing: without the agent no instance can be asked in private',
      when: ({ value }) => holds(value, 'runtime') && holds(value, 'watch', 'signals'),
    },
  )

function saysWhetherDatabase(value: unknown): boolean {
  return value instanceof Object && 'database' in value
}

/** There is a map or a list at this path; what is in it may still be wrong. */
function holds(value: unknown, ...path: string[]): boolean {
  const found = path.reduce<unknown>(
    (inner, key) => (inner instanceof Object ? Reflect.get(inner, key) : undefined),
    value,
  )
  return found instanceof Object
}

/** File form in, {@link Configuration} out. */
export const configurationSchema = fileSchema.transform((file) => ({
  service: file.service,
  url: file.url.replace(/\/+$/, ''),
  source: file.source,
  build: file.build,
  runtime: file.runtime,
  env: file.env,
  health: file.health,
  smoke: file.smoke.map(({ within, method, body, ...check }) => ({
    ...check,
    name: nameOfCheck({ ...check, method }),
    method: method as string,
    body: body as unknown,
    withinMs: within ?? file.verify.timeout,
  })),
  verify: { windowMs: file.verify.window, everyMs: file.verify.every, timeoutMs: file.verify.timeout },
  bakeMs: file.bake,
  standby: file.standby,
  drainTimeoutMs: file.drain.timeout,
  startTimeoutMs: file.start.timeout,
  keep: file.keep,
  migrations: file.migrations,
  database: file.database === null ? null : databaseOf(file.database),
  watch: watchOf(file.watch, file.verify.timeout),
  notify: notifyOf(file.notify),
  statusPage: file.statusPage === null ? null : statusPageOf(file.statusPage),
  incident: incidentOf(file.incident),
  contacts: contactsOf(file.contacts),
  cache: file.cache === null ? null : cacheOf(file.cache),
}))

function databaseOf({
  checkpoints,
  keepDamaged,
  ...database
}: z.output<typeof databaseSchema>): DatabaseConfiguration {
  const { maxAge, maxSize, every, templatePause, ...rest } = checkpoints
  return {
    ...database,
    checkpoints: {
      ...rest,
      maxAgeMs: maxAge,
      maxBytes: maxSize,
      everyMs: every,
      templatePauseMs: templatePause,
    },
    keepDamagedMs: keepDamaged,
  }
}

type Checked = z.output<typeof configurationSchema>
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
/** Fails to compile when schema and domain type part ways, in either direction. */
true satisfies Same<Checked, Configuration>

function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false
  const { protocol, username, password, search, hash } = new URL(text)
  return /^https?:$/.test(protocol) && [username, password, search, hash].every((part) => part === '')
}
