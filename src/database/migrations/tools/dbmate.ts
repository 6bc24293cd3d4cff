import type { KnownMigration } from '../../../domain/migration.ts'
import { readBookkeeping } from '../bookkeeping.ts'
import { toldByScripts } from '../project.ts'
import { checksumOf, migrateSections } from '../sql-text.ts'
import type { Described, ToolAdapter, ToolWork } from '../tool.ts'

const TABLE = 'schema_migrations'

/**
 * SQL files in two sections, recorded by the digits their names begin with. Run from a checkout that does not have the
 * newest one, it takes down the one below; it is only ever run where that cannot be.
 */
export const dbmate: ToolAdapter = {
  tool: 'dbmate',
  atomic: true,
  recognises: (project) =>
    project.packages.has('dbmate') || Object.values(project.scripts).some((line) => /\bdbmate\b/.test(line)),
  folders: async (project) => [
    ...toldByScripts(project, 'dbmate', ['-d', '--migrations-dir']),
    'db/migrations',
    'migrations',
  ],
  table: async (project) => toldByScripts(project, 'dbmate', ['--migrations-table'])[0] ?? TABLE,
  describe,
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? TABLE, { name: 'version', order: ['version'] }),
  async up(work) {
    await work.program('dbmate', dbmateArguments(work, 'migrate'))
  },
  async down(work) {
    await work.program('dbmate', dbmateArguments(work, 'rollback'))
  },
}

/** The schema file is never written: a release cannot be changed. */
export function dbmateArguments(
  { folder, table }: Pick<ToolWork, 'folder' | 'table'>,
  verb: 'migrate' | 'rollback',
): string[] {
  return [
    '--migrations-dir',
    folder ?? 'db/migrations',
    '--migrations-table',
    table ?? TABLE,
    '--no-dump-schema',
    verb,
  ]
}

async function describe({ files, text }: Described): Promise<KnownMigration[]> {
  const named = files.flatMap((file) => {
    const version = /^(\d+).*\.sql$/.exec(file)?.[1]
    return version === undefined ? [] : [{ file, version }]
  })
  return Promise.all(
    named.map(async ({ file, version }) => {
      const content = await text(file)
      const { down } = migrateSections(content)
      const known = { name: version, title: file, checksum: checksumOf(content) }
      return down === null ? { ...known, down: 'none' } : { ...known, down: 'sql', downSql: down }
    }),
  )
}
