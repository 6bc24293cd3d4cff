import type { FastifyInstance } from 'fastify'
import type { Database } from './database/database.ts'

/** PM2 sends SIGINT, everything else SIGTERM. Answer what is in flight, close the database, leave. */
export function stopOnSignals(app: FastifyInstance, database: Database): void {
  let stopping = false
  const stop = async (signal: string) => {
    if (stopping) return
    stopping = true
    app.log.info(`${signal}: closing`)
    try {
      await app.close()
      await database.close()
      process.exit(0)
    } catch (error) {
      app.log.error(error)
      process.exit(1)
    }
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}
