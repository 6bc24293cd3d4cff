import { databaseUrl, drive, fromRelease, tableParts } from './driver.mjs'

await drive(async ({ way, name, folder, table, log }) => {
  const { runner } = await fromRelease('node-pg-migrate')
  const { schema, table: migrationsTable } = tableParts(table)
  const done = await runner({
    databaseUrl,
    dir: folder,
    migrationsTable,
    ...(schema === undefined ? {} : { migrationsSchema: schema }),
    direction: way,
    // By name: it takes the newest whose name this is, so another one is never touched.
    ...(way === 'down' ? { file: name, count: 1, checkOrder: false } : {}),
    ...log,
  })
  return done.map((migration) => migration.name)
})
