import { buildApp } from './app.ts'
import { openDatabase } from './database/database.ts'
import { readIdentity } from './identity.ts'
import { readSettings } from './settings.ts'
import { stopOnSignals } from './stop-on-signals.ts'

const settings = readSettings(process.env)
const database = openDatabase(settings.databaseUrl)
const app = buildApp({ settings, database, identity: readIdentity(process.env) })

stopOnSignals(app, database)
await app.listen({ host: settings.host, port: settings.port })
// PM2 with wait_ready counts an instance in from here on.
process.send?.('ready')
