import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { unsupportedSetting } from '../supported-settings.ts'

export async function healthRoutes(app: FastifyInstance, { database, identity }: Store): Promise<void> {
  app.get('/health', async () => ({ status: 'ok', ...identity }))

  app.get('/health/db', async (_request, reply) => {
    const started = performance.now()
    try {
      await database.query('select 1')
      return { status: 'ok', latencyMs: Math.round((performance.now() - started) * 100) / 100 }
    } catch (error) {
      return reply.code(503).send({ status: 'down', reason: reasonOf(error) })
    }
  })

  app.get('/health/ready', async (_request, reply) => {
    const unsupported = unsupportedSetting(process.env)
    if (unsupported) return reply.code(503).send({ status: 'not ready', reason: unsupported })
    try {
      // Readable, not "at my newest migration": a release must be able to start on the schema of a later one,
      // or there is no way back.
      const [newest] = await database.query<{ name: string }>(
        'select name from pgmigrations order by id desc limit 1',
      )
      return { status: 'ready', migration: newest?.name ?? null }
    } catch (error) {
      return reply.code(503).send({ status: 'not ready', reason: reasonOf(error) })
    }
  })
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ')
  return error instanceof Error ? error.message : String(error)
}
