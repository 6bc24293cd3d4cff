import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { databaseUrl, drive, fromRelease, loadFile, tableParts } from './driver.mjs'

await drive(async ({ way, name, folder, table }) => {
  const { default: knex } = await fromRelease('knex')
  const config = await readKnexfile()
  const { schema, table: tableName } = tableParts(table)
  const db = knex({
    ...config,
    client: 'pg',
    connection: databaseUrl,
    pool: { min: 0, max: 2 },
    migrations: {
      ...config.migrations,
      directory: resolve(folder),
      tableName,
      ...(schema === undefined ? {} : { schemaName: schema }),
    },
  })
  try {
    const [, done] = way === 'up' ? await db.migrate.latest() : await db.migrate.down({ name })
    return done
  } finally {
    await db.destroy()
  }
})

/** For what only the project knows (loadExtensions, disableTransactions); the database and the folder are ours to say. */
async function readKnexfile() {
  const path = ['knexfile.js', 'knexfile.cjs', 'knexfile.mjs', 'knexfile.ts'].find((file) => existsSync(file))
  if (path === undefined) return {}
  const module = await loadFile(resolve(path))
  const exported = module.default ?? module
  const config = typeof exported === 'function' ? await exported() : exported
  if ('client' in config || 'migrations' in config) return config
  return config[process.env.NODE_ENV ?? 'development'] ?? config.production ?? {}
}
