import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { rankByRelevance } from '../ranking-service.ts'

const searchQuery = {
  type: 'object',
  required: ['q'],
  properties: { q: { type: 'string', minLength: 1, maxLength: 100 } },
} as const

export type Found = { id: number; name: string; price_cents: number }

export async function searchRoutes(app: FastifyInstance, { database, settings }: Store): Promise<void> {
  app.get<{ Querystring: { q: string } }>(
    '/search',
    { schema: { querystring: searchQuery } },
    async ({ query }) => {
      const found = await database.query<Found>(
        `select id, name, price_cents from products
         where name ilike '%' || $1 || '%' order by id limit 50`,
        [query.q.replace(/[\\%_]/g, '\\$&')],
      )
      return rankByRelevance(query.q, found, settings.searchLatencyMs)
    },
  )
}
