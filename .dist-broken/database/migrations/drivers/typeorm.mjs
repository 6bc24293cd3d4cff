import { databaseUrl, drive, loadFile, namesFromRelease, tableParts } from './driver.mjs'

await drive(async ({ way, name, files, table }) => {
  const { DataSource } = await namesFromRelease('typeorm')
  const { schema, table: migrationsTableName } = tableParts(table)
  const source = new DataSource({
    type: 'postgres',
    url: databaseUrl,
    migrations: await readClasses(files),
    migrationsTableName,
    ...(schema === undefined ? {} : { schema }),
    migrationsTransactionMode: 'each',
    logging: false,
  })
  await source.initialize()
  try {
    if (way === 'up') {
      const done = await source.runMigrations({ transaction: 'each' })
      return done.map((migration) => migration.name)
    }
    await refuseUnlessNewest(source, migrationsTableName, schema, name)
    await source.undoLastMigration({ transaction: 'each' })
    return [name]
  } finally {
    await source.destroy()
  }
})

async function readClasses(files) {
  const classes = new Set()
  for (const file of files) {
    const module = await loadFile(file)
    for (const value of [...Object.values(module), ...Object.values(Object(module.default))])
      if (typeof value === 'function' && value.prototype?.up) classes.add(value)
  }
  return [...classes]
}

/** It goes by step: the step must be the one that is meant. */
async function refuseUnlessNewest(source, table, schema, name) {
  const quoted = [schema, table]
    .filter((part) => part !== undefined)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
  const [newest] = await source.query(`select name from ${quoted} order by id desc limit 1`)
  if (newest?.name !== name) throw new Error(`the newest applied migration is ${newest?.name}, not ${name}`)
}
