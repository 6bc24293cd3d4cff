import { readBookkeeping } from '../bookkeeping.ts'
import { describeCode, withoutExtension } from '../code-files.ts'
import type { ToolAdapter } from '../tool.ts'

/**
 * Code, recorded by the file's name without its extension. A missing `down` it would skip and take down the older ones;
 * here that is a migration without a way down.
 */
export const kysely: ToolAdapter = {
  tool: 'kysely',
  atomic: true,
  recognises: ({ packages }) => packages.has('kysely'),
  // Compiled ones first: they can be loaded without anything else, and are recorded by the same names.
  folders: async () => [
    'dist/migrations',
    'dist/db/migrations',
    'migrations',
    'src/migrations',
    'src/db/migrations',
    'db/migrations',
  ],
  table: async () => 'kysely_migration',
  describe: (release) => describeCode(release, withoutExtension),
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? 'kysely_migration', {
      name: 'name',
      at: 'timestamp',
      order: ['timestamp', 'name'],
    }),
  up: ({ drive, folder, table }) => drive('kysely', { way: 'up', folder, table }),
  down: ({ drive, folder, table }, { name }) => drive('kysely', { way: 'down', folder, table, name }),
}
