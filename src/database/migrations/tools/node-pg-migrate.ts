import type { KnownMigration } from '../../../domain/migration.ts'
import { readBookkeeping } from '../bookkeeping.ts'
import { describeCode, withoutExtension } from '../code-files.ts'
import { asCounted, toldByScripts } from '../project.ts'
import { checksumOf, migrationSections } from '../sql-text.ts'
import type { Described, ToolAdapter } from '../tool.ts'

/** SQL files in two sections, or code. Recorded by the file's name without its extension. */
export const nodePgMigrate: ToolAdapter = {
  tool: 'node-pg-migrate',
  atomic: true,
  recognises: ({ packages }) => packages.has('node-pg-migrate'),
  folders: async (project) => [
    ...toldByScripts(project, 'node-pg-migrate', ['-m', '--migrations-dir']),
    'migrations',
  ],
  async table(project) {
    const told = (options: string[]) => toldByScripts(project, 'node-pg-migrate', options)[0]
    const table = told(['-t', '--migrations-table']) ?? 'pgmigrations'
    const schema = told(['--migrations-schema'])
    return schema === undefined ? table : `${schema}.${table}`
  },
  async describe(release) {
    // A missing down is inferred from the up by the tool itself; only `exports.down = false` says there is none.
    const code = await describeCode(release, withoutExtension, (down) => down !== 'false')
    return [...(await describeSql(release)), ...code].sort((a, b) => asCounted(a.name, b.name))
  },
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? 'pgmigrations', { name: 'name', at: 'run_on', order: ['run_on', 'id'] }),
  up: ({ drive, folder, table }) => drive('node-pg-migrate', { way: 'up', folder, table }),
  down: ({ drive, folder, table }, { name }) =>
    drive('node-pg-migrate', { way: 'down', folder, table, name }),
}

async function describeSql({ files, text }: Described): Promise<KnownMigration[]> {
  return Promise.all(
    files
      .filter((file) => file.endsWith('.sql'))
      .map(async (file) => {
        const name = withoutExtension(file)
        const content = await text(file)
        const { down } = migrationSections(content)
        const known = { name, title: name, checksum: checksumOf(content) }
        return down === null ? { ...known, down: 'none' } : { ...known, down: 'sql', downSql: down }
      }),
  )
}
