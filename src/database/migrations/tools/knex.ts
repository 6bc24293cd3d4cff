import { readBookkeeping } from '../bookkeeping.ts'
import { describeCode } from '../code-files.ts'
import type { ToolAdapter } from '../tool.ts'

const KNEXFILES = ['knexfile.js', 'knexfile.cjs', 'knexfile.mjs', 'knexfile.ts']

/** Code, recorded by the file's whole name. It refuses to do anything where an applied one has no file. */
export const knex: ToolAdapter = {
  tool: 'knex',
  atomic: true,
  recognises: ({ packages }) => packages.has('knex'),
  async folders(project) {
    const told = await setting(project.firstText(KNEXFILES), 'directory')
    return [...(told === null ? [] : [told]), 'migrations', 'db/migrations', 'src/migrations']
  },
  async table(project) {
    const table = (await setting(project.firstText(KNEXFILES), 'tableName')) ?? 'knex_migrations'
    const schema = await setting(project.firstText(KNEXFILES), 'schemaName')
    return schema === null ? table : `${schema}.${table}`
  },
  describe: (release) => describeCode(release, (file) => file),
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? 'knex_migrations', { name: 'name', at: 'migration_time', order: ['id'] }),
  up: ({ drive, folder, table }) => drive('knex', { way: 'up', folder, table }),
  down: ({ drive, folder, table }, { name }) => drive('knex', { way: 'down', folder, table, name }),
}

/** Written out in the knexfile's `migrations`; one that is computed must be named in our configuration. */
async function setting(text: Promise<string | null>, name: string): Promise<string | null> {
  const section = /migrations:\s*\{[^}]*/.exec((await text) ?? '')?.[0] ?? ''
  return new RegExp(`${name}:\\s*["'\`]([^"'\`]+)["'\`]`).exec(section)?.[1] ?? null
}
