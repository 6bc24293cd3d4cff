import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FoundMigrations } from './findings.ts'
import type { PackageFile } from './read-package.ts'

/** Package -> folders it uses unless told otherwise, the likeliest first. */
const TOOLS: Record<string, readonly string[]> = {
  'node-pg-migrate': ['migrations'],
  knex: ['migrations', 'db/migrations', 'src/migrations'],
  prisma: ['prisma/migrations'],
  '@prisma/client': ['prisma/migrations'],
  'drizzle-kit': ['drizzle', 'migrations'],
  'sequelize-cli': ['migrations', 'db/migrations'],
  umzug: ['migrations', 'src/migrations'],
  sequelize: ['migrations', 'db/migrations'],
  typeorm: ['src/migrations', 'src/migration', 'migrations', 'migration'],
  dbmate: ['db/migrations'],
  'kysely-ctl': ['migrations', 'src/migrations'],
  kysely: ['migrations', 'src/migrations', 'src/db/migrations'],
}

/** `node-pg-migrate -m db/changes`, `--migrations-dir=...`: what a script says wins over what is usual. */
const FOLDER_OPTION = /(?:-m|--migrations-dir|--migrations-directory|--migrations-path)[ =]["']?([\w./-]+)/

export async function findMigrations(
  directory: string,
  { packages, scripts }: PackageFile,
): Promise<FoundMigrations> {
  const name = Object.keys(TOOLS).find((candidate) => packages.has(candidate)) ?? null
  const told = Object.values(scripts).flatMap((line) => FOLDER_OPTION.exec(line)?.[1] ?? [])
  const usual = name === null ? ['migrations', 'db/migrations'] : (TOOLS[name] ?? [])
  for (const folder of [...told, ...usual].map((path) => path.replace(/^\.\/|\/$/g, ''))) {
    if (
      !folder.startsWith('/') &&
      !folder.split('/').includes('..') &&
      (await isFolder(join(directory, folder)))
    )
      return { tool: toolName(name), folder }
  }
  return { tool: toolName(name), folder: null }
}

function toolName(name: string | null): string | null {
  return name === '@prisma/client' ? 'prisma' : name
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isDirectory() ?? false
}
