import { join } from 'node:path'
import type { KnownMigration } from '../../../domain/migration.ts'
import { readBookkeeping } from '../bookkeeping.ts'
import { isCode } from '../code-files.ts'
import { listFiles } from '../project.ts'
import { checksumOf } from '../sql-text.ts'
import type { Described, ToolAdapter, ToolWork } from '../tool.ts'

/** Classes, recorded by their names, which end in a time. */
export const typeorm: ToolAdapter = {
  tool: 'typeorm',
  atomic: true,
  recognises: ({ packages }) => packages.has('typeorm'),
  folders: async () => [
    'dist/migrations',
    'dist/migration',
    'src/migrations',
    'src/migration',
    'migrations',
    'migration',
  ],
  table: async () => 'migrations',
  describe,
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? 'migrations', { name: 'name', order: ['id'] }),
  up: (work) => run(work, { way: 'up' }),
  down: (work, { name }) => run(work, { way: 'down', name }),
}

async function describe({ folder, files, text, inspect }: Described): Promise<KnownMigration[]> {
  const known: KnownMigration[] = []
  for (const { file, classes } of await inspect(files.filter(isCode))) {
    for (const { name, down } of classes) {
      const checksum = checksumOf(await text(file.slice(folder.length + 1)))
      known.push({ name, title: name, checksum, down: down === 'function' ? 'code' : 'none' })
    }
  }
  return known.sort((a, b) => timeOf(a) - timeOf(b))
}

function timeOf({ name }: KnownMigration): number {
  return Number(name.slice(-13))
}

async function run({ drive, folder, table }: ToolWork, order: { way: string; name?: string }) {
  const files =
    folder === null ? [] : (await listFiles(folder)).filter(isCode).map((file) => join(folder, file))
  await drive('typeorm', { ...order, files, table })
}
