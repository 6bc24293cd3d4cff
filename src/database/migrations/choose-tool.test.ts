import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { chooseTool } from './choose-tool.ts'
import { readProject } from './project.ts'
import type { MigrationSettings } from './tool.ts'

const settings: MigrationSettings = { tool: null, folder: null, table: null, commands: null }
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function choose(files: Record<string, string>, changes: Partial<MigrationSettings> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'release-'))
  folders.push(directory)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true })
    await writeFile(join(directory, path), text)
  }
  const chosen = await chooseTool(await readProject(directory), { ...settings, ...changes })
  return chosen === null ? null : { tool: chosen.adapter.tool, folder: chosen.folder, table: chosen.table }
}

const packageOf = (dependencies: string[], scripts: Record<string, string> = {}) =>
  JSON.stringify({ dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])), scripts })

describe('which tool a release migrates with', () => {
  it('is what its packages say, with the folder and table its scripts say', async () => {
    const found = await choose({
      'package.json': packageOf(['node-pg-migrate'], {
        'db:up': 'node-pg-migrate up -m db/changes -t applied --migrations-schema ops',
      }),
      'db/changes/1_init.sql': '',
    })
    expect(found).toEqual({ tool: 'node-pg-migrate', folder: 'db/changes', table: 'ops.applied' })
  })

  it('prefers what does nothing but migrate over what is also used to query', async () => {
    const files = { 'package.json': packageOf(['knex', 'node-pg-migrate']), 'migrations/1_init.sql': '' }
    expect(await choose(files)).toMatchObject({ tool: 'node-pg-migrate' })
  })

  it('passes over a tool whose folder is not there', async () => {
    const files = { 'package.json': packageOf(['kysely', 'prisma']), 'migrations/1_init.js': '' }
    expect(await choose(files)).toMatchObject({ tool: 'kysely', folder: 'migrations' })
  })

  it("reads Drizzle's and Knex's own settings", async () => {
    expect(
      await choose({
        'package.json': packageOf(['drizzle-orm']),
        'drizzle.config.ts':
          "export default { out: './sql', migrations: { table: 'log', schema: 'public' } }",
        'sql/0000_init.sql': '',
      }),
    ).toEqual({ tool: 'drizzle', folder: 'sql', table: 'public.log' })
    expect(
      await choose({
        'package.json': packageOf(['knex']),
        'knexfile.js': "module.exports = { migrations: { directory: './changes', tableName: 'log' } }",
        'changes/1_init.js': '',
      }),
    ).toEqual({ tool: 'knex', folder: 'changes', table: 'log' })
  })

  it('is nothing where there are no migrations', async () => {
    expect(await choose({ 'package.json': packageOf(['fastify']) })).toBeNull()
    expect(await choose({})).toBeNull()
  })

  it('is not guessed for SQL files alone', async () => {
    const files = { 'package.json': packageOf([]), 'migrations/1_init.sql': '' }
    await expect(choose(files)).rejects.toMatchObject({ code: 'MIGRATION_TOOL_UNKNOWN' })
    expect(await choose(files, { tool: 'sql' })).toMatchObject({ tool: 'sql', table: 'lastgood_migrations' })
  })

  it('takes nothing from outside the release', async () => {
    const files = {
      'package.json': packageOf(['node-pg-migrate'], { up: 'node-pg-migrate up -m ../shared/migrations' }),
      'migrations/1_init.sql': '',
    }
    expect(await choose(files)).toMatchObject({ folder: 'migrations' })
  })

  it('says where it looked when the configured folder is not there', async () => {
    const files = { 'package.json': packageOf(['knex']), 'migrations/1_init.js': '' }
    await expect(choose(files, { folder: 'db/none' })).rejects.toMatchObject({
      code: 'MIGRATIONS_UNREADABLE',
      message: expect.stringContaining('db/none'),
    })
  })
})
