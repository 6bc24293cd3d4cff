import * as z from 'zod'
import {
  choiceOf,
  duration,
  expecting,
  flag,
  mapOf,
  pathInside,
  textOf,
  wholeNumber,
} from './scalar-schemas.ts'
import { commandSchema } from './word-schemas.ts'

export const MIGRATION_TOOLS = [
  'node-pg-migrate',
  'knex',
  'kysely',
  'umzug',
  'typeorm',
  'drizzle',
  'prisma',
  'dbmate',
  'sql',
  'commands',
] as const

const A_DATABASE_URL = `a URL such as postgres://user:\${PASSWORD}@127.0.0.1:5432/shop`

const databaseUrl = z
  .string({ error: expecting(A_DATABASE_URL) })
  .refine(isDatabaseUrl, { error: `must be ${A_DATABASE_URL}` })
  .meta({ pattern: '^postgres(ql)?://' })

const BYTES: Record<string, number> = { MB: 1e6, GB: 1e9, TB: 1e12 }

const byteSize = textOf('a size such as 500MB or 20GB', /^\d+(\.\d+)?(MB|GB|TB)$/).transform((text) => {
  const [, number, unit = ''] = /^([\d.]+)(\w+)$/.exec(text) ?? []
  return Math.round(Number(number) * (BYTES[unit] ?? 1))
})

export const databaseSchema = mapOf('a map with at least a url', {
  url: databaseUrl.describe('The database as the service connects to it.'),
  adminUrl: databaseUrl
    .nullable()
    .default(null)
    .describe(
      'The same server as a role that may create, rename and drop databases. null: the role of url may.',
    ),
  pgbouncer: mapOf('a map with an adminUrl', {
    adminUrl: databaseUrl.describe('Its admin console: postgres://admin@127.0.0.1:6432/pgbouncer'),
  })
    .nullable()
    .default(null)
    .describe(
      'The PgBouncer in front of the database: with it, not one request fails while a database is swapped.',
    ),
  migrations: mapOf('a map', {
    tool: choiceOf('migration tool', MIGRATION_TOOLS)
      .nullable()
      .default(null)
      .describe('What applies migrations. null: found out from the release.'),
    folder: pathInside('a folder')
      .nullable()
      .default(null)
      .describe("Folder of the migrations, in the repository. null: the tool's own."),
    table: z
      .string({ error: expecting('a table') })
      .min(1, 'must be a table')
      .nullable()
      .default(null)
      .describe("Table in which the tool keeps what it has applied. null: the tool's own."),
    commands: mapOf('a map with up and down', {
      up: commandSchema.describe('Applies every migration of the release: npm run db:migrate:up'),
      down: commandSchema.describe('Takes the newest migration back: npm run db:migrate:down'),
      status: commandSchema.nullable().default(null).describe('Prints what is applied, for people to read.'),
    })
      .nullable()
      .default(null)
      .describe('For the tool "commands": what is run in the folder of the release.'),
  })
    .prefault({})
    .describe('How the schema goes forward and back.'),
  checkpoints: mapOf('a map', {
    folder: z
      .string({ error: expecting('a folder') })
      .min(1, 'must be a folder')
      .nullable()
      .default(null)
      .describe("Where checkpoints are kept, relative to this file. null: in lastgood's home."),
    keep: wholeNumber(1, 10_000).prefault(7).describe('How many checkpoints are kept.'),
    maxAge: duration(0).prefault('30d').describe('Older ones are removed, but never the newest.'),
    maxSize: byteSize.nullable().prefault(null).describe('What all of them may take: 20GB. null: no limit.'),
    jobs: wholeNumber(1, 64).prefault(2).describe('Processes that dump and restore side by side.'),
    every: duration(60_000)
      .nullable()
      .prefault(null)
      .describe(
        'Take one when the newest is older: "checkpoint create --if-due" does, from cron. null: never.',
      ),
    beforeDeploy: flag().prefault(true).describe('Take one before each deploy.'),
    templatePause: duration(1)
      .nullable()
      .prefault(null)
      .describe(
        'How long connections may wait while the server copies the database before a deploy, instead of a dump. null: never.',
      ),
  })
    .prefault({})
    .describe('Restorable copies of the database.'),
  keepDamaged: duration(0)
    .prefault('7d')
    .describe('How long a database that was replaced by a restore is kept.'),
}).refine((database) => database.migrations.tool !== 'commands' || database.migrations.commands !== null, {
  path: ['migrations', 'commands'],
  error: 'is missing: the tool "commands" needs up and down',
  when: ({ value }) => value instanceof Object && 'migrations' in value && value.migrations instanceof Object,
})

function isDatabaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, pathname } = new URL(text)
  return /^postgres(ql)?:$/.test(protocol) && pathname.length > 1
}
