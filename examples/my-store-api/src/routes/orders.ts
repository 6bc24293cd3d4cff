import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { cancelOrder } from '../cancel-order.ts'
import { findSessionUser } from '../sessions.ts'

const orderParameter = {
  type: 'object',
  properties: { id: { type: 'string', pattern: '^[0-9a-f-]{36}$' } },
} as const

export async function orderRoutes(app: FastifyInstance, { database }: Store): Promise<void> {
  app.get<{ Params: { id: string } }>(
    '/orders/:id',
    { schema: { params: orderParameter } },
    async ({ params, headers }, reply) => {
      const userId = await findSessionUser(database, headers.authorization)
      if (userId === null) return reply.code(401).send({ error: 'log in first' })
      const [order] = await database.query(
        'select id, total_cents, created_at from orders where id::text = $1 and user_id = $2',
        [params.id, userId],
      )
      if (!order) return reply.code(404).send({ error: `you have no order ${params.id}` })
      const items = await database.query(
        `select product_id, quantity, price_cents from order_items where order_id = $1 order by product_id`,
        [params.id],
      )
      return { ...order, items }
    },
  )

  app.delete<{ Params: { id: string } }>(
    '/orders/:id',
    { schema: { params: orderParameter } },
    async ({ params, headers }, reply) => {
      const userId = await findSessionUser(database, headers.authorization)
      if (userId === null) return reply.code(401).send({ error: 'log in first' })
      // A transaction that runs again, because the answer to its commit was lost, finds no order any more.
      let cancelled = false
      await database.transaction(async (query) => {
        cancelled = (await cancelOrder(query, params.id, userId)) || cancelled
      })
      if (!cancelled) return reply.code(404).send({ error: `you have no order ${params.id}` })
      return reply.code(204).send()
    },
  )
}
