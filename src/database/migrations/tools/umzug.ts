import { readBookkeeping } from '../bookkeeping.ts'
import { describeCode } from '../code-files.ts'
import { type Project, readProject } from '../project.ts'
import type { ToolAdapter, ToolWork } from '../tool.ts'

/**
 * Umzug with Sequelize's storage, and sequelize-cli, which is Umzug. Code, recorded by the file's whole name and without
 * a time, so the names are the order. It runs without a transaction of its own.
 */
export const umzug: ToolAdapter = {
  tool: 'umzug',
  atomic: false,
  recognises: ({ packages }) => packages.has('umzug') || packages.has('sequelize-cli'),
  folders: async () => ['migrations', 'db/migrations', 'src/migrations', 'dist/migrations'],
  table: async () => 'SequelizeMeta',
  describe: (release) => describeCode(release, (file) => file),
  readApplied: ({ sql, table }) =>
    readBookkeeping(sql, table ?? 'SequelizeMeta', { name: 'name', order: ['name'] }),
  up: (work) => run(work, { way: 'up' }),
  down: (work, { name }) => run(work, { way: 'down', name }),
}

async function run({ drive, files, folder, table }: ToolWork, order: { way: string; name?: string }) {
  const style = styleOf(await readProject(files.directory))
  await drive('umzug', { ...order, folder, table, style })
}

/** `up({ context })` or `up(queryInterface, Sequelize)`. */
function styleOf({ packages }: Project): 'umzug' | 'sequelize-cli' {
  return packages.has('sequelize-cli') ? 'sequelize-cli' : 'umzug'
}
