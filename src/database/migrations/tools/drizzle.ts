import type { KnownMigration } from '../../../domain/migration.ts'
import { OperatorError } from '../../../errors/operator-error.ts'
import { readBookkeeping } from '../bookkeeping.ts'
import { runDownSql } from '../down-sql.ts'
import type { Project } from '../project.ts'
import { checksumOf, hasStatements } from '../sql-text.ts'
import type { Described, ToolAdapter } from '../tool.ts'

const CONFIGURATIONS = ['drizzle.config.ts', 'drizzle.config.js', 'drizzle.config.mjs', 'drizzle.config.json']
const TABLE = 'drizzle.__drizzle_migrations'

/**
 * SQL files listed in meta/_journal.json, recorded by the journal's time and the file's hash. It has no way down: a file
 * `<tag>.down.sql` beside the migration is one, and lastgood runs it.
 */
export const drizzle: ToolAdapter = {
  tool: 'drizzle',
  atomic: true,
  recognises: ({ packages }) => packages.has('drizzle-orm'),
  async folders(project) {
    const told = await setting(project, 'out')
    return [...(told === null ? [] : [told]), 'drizzle', 'migrations', 'src/drizzle', 'db/migrations']
  },
  async table(project) {
    const schema = (await setting(project, 'schema', 'migrations')) ?? 'drizzle'
    return `${schema}.${(await setting(project, 'table', 'migrations')) ?? '__drizzle_migrations'}`
  },
  describe,
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? TABLE, {
      name: 'created_at',
      checksum: 'hash',
      order: ['created_at', 'id'],
    }),
  up: ({ drive, folder, table }) => drive('drizzle', { folder, table: table ?? TABLE }),
  down: ({ sql, table }, migration) =>
    runDownSql(sql, migration, { table: table ?? TABLE, where: 'created_at::text' }),
}

async function describe({ text, files }: Described): Promise<KnownMigration[]> {
  const entries = parseJournal(await text('meta/_journal.json'))
  return Promise.all(
    entries.map(async ({ tag, when }) => {
      const known = { name: String(when), title: tag, checksum: checksumOf(await text(`${tag}.sql`)) }
      const beside = `${tag}.down.sql`
      const downSql = files.includes(beside) ? await text(beside) : ''
      return hasStatements(downSql) ? { ...known, down: 'sql', downSql } : { ...known, down: 'none' }
    }),
  )
}

function parseJournal(text: string): { tag: string; when: number }[] {
  const journal: unknown = JSON.parse(text)
  const entries = typeof journal === 'object' && journal !== null ? Reflect.get(journal, 'entries') : null
  if (!Array.isArray(entries)) {
    throw new OperatorError('MIGRATIONS_UNREADABLE', { detail: 'meta/_journal.json has no entries' })
  }
  return entries.map((entry) => ({ tag: String(entry.tag), when: Number(entry.when) }))
}

/** Written out in drizzle.config; one that is computed must be named in our configuration. */
async function setting(project: Project, name: string, section?: string): Promise<string | null> {
  const whole = (await project.firstText(CONFIGURATIONS)) ?? ''
  const text =
    section === undefined ? whole : (new RegExp(`["']?${section}["']?:\\s*\\{[^}]*`).exec(whole)?.[0] ?? '')
  return new RegExp(`["']?\\b${name}["']?:\\s*["'\`]([^"'\`]+)["'\`]`).exec(text)?.[1] ?? null
}
