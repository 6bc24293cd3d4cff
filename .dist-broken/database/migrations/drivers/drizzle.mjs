// Up only: Drizzle has no way down, so a down.sql is run by lastgood itself.
import { databaseUrl, drive, fromRelease, namesFromRelease, tableParts } from './driver.mjs'

await drive(async ({ folder, table }) => {
  const { schema, table: migrationsTable } = tableParts(table)
  const config = {
    migrationsFolder: folder,
    migrationsTable,
    ...(schema === undefined ? {} : { migrationsSchema: schema }),
  }
  const client = await connect()
  try {
    await client.migrate(config)
  } finally {
    await client.close()
  }
})

/** With the driver the release has. */
async function connect() {
  try {
    const { Client } = await namesFromRelease('pg')
    const { drizzle } = await namesFromRelease('drizzle-orm/node-postgres')
    const { migrate } = await namesFromRelease('drizzle-orm/node-postgres/migrator')
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    return { migrate: (config) => migrate(drizzle(client), config), close: () => client.end() }
  } catch (error) {
    if (error?.code !== 'MODULE_NOT_FOUND') throw error
  }
  const { default: postgres } = await fromRelease('postgres')
  const { drizzle } = await namesFromRelease('drizzle-orm/postgres-js')
  const { migrate } = await namesFromRelease('drizzle-orm/postgres-js/migrator')
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  return { migrate: (config) => migrate(drizzle(sql), config), close: () => sql.end() }
}
