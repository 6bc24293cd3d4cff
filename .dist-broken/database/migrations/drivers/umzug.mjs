import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { databaseUrl, drive, fromRelease, loadFile, namesFromRelease, tableParts } from './driver.mjs'

await drive(async ({ way, name, folder, table, style }) => {
  const { Umzug, SequelizeStorage } = await namesFromRelease('umzug')
  const { default: Sequelize } = await fromRelease('sequelize')
  const { host, port, user, password, database, ssl, options } = await readUrl()
  const sequelize = new Sequelize.Sequelize(database, user, password, {
    dialect: 'postgres',
    host,
    port,
    logging: false,
    pool: { max: 2 },
    dialectOptions: {
      ...(ssl === undefined ? {} : { ssl }),
      ...(options === undefined ? {} : { options }),
    },
  })
  const { schema, table: tableName } = tableParts(table)
  const umzug = new Umzug({
    migrations: await readMigrations(folder, style, Sequelize),
    context: sequelize.getQueryInterface(),
    storage: new SequelizeStorage({ sequelize, tableName, ...(schema === undefined ? {} : { schema }) }),
    logger: undefined,
  })
  try {
    const done = way === 'up' ? await umzug.up() : await umzug.down({ migrations: [name] })
    return done.map((migration) => migration.name)
  } finally {
    await sequelize.close()
  }
})

/** Sequelize takes a url apart by itself and leaves a name in it that is written with % as it is; the driver does not. */
async function readUrl() {
  const { parse } = await namesFromRelease('pg-connection-string', 'pg')
  return parse(databaseUrl)
}

/** Recorded by their file names, as Umzug and sequelize-cli both do; they differ in what they hand to a migration. */
async function readMigrations(folder, style, Sequelize) {
  const files = readdirSync(folder).filter(
    (file) => /\.(js|cjs|mjs|ts|mts|cts)$/.test(file) && !/\.d\.[cm]?ts$/.test(file),
  )
  return files.sort().map((file) => {
    const path = resolve(folder, file)
    const call = (direction) => async (params) => {
      const module = await loadFile(path)
      const migration = typeof module.default?.up === 'function' ? module.default : module
      // Umzug would take a missing one for done.
      if (typeof migration[direction] !== 'function') throw new Error(`${file} has no ${direction}`)
      return style === 'sequelize-cli'
        ? migration[direction](params.context, Sequelize)
        : migration[direction](params)
    }
    return { name: file, path, up: call('up'), down: call('down') }
  })
}
