import { randomUUID } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { type OrderLine, OutOfStock, placeOrder, UnknownProduct } from '../place-order.ts'
import { findSessionUser } from '../sessions.ts'

const basket = {
  type: 'object',
  required: ['items'],
  properties: {
    items: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      items: {
        type: 'object',
        required: ['productId', 'quantity'],
        properties: {
          productId: { type: 'integer', minimum: 1, maximum: 2147483647 },
          quantity: { type: 'integer', minimum: 1, maximum: 100 },
        },
      },
    },
  },
} as const

export async function checkoutRoutes(app: FastifyInstance, { database }: Store): Promise<void> {
  app.post<{ Body: { items: OrderLine[] } }>(
    '/checkout',
    { schema: { body: basket } },
    async ({ headers, body }, reply) => {
      const userId = await findSessionUser(database, headers.authorization)
      if (userId === null) return reply.code(401).send({ error: 'log in first' })
      // The key is made before the transaction, so that a transaction which runs again cannot order twice.
      const order = { id: randomUUID(), userId, lines: body.items }
      try {
        const placed = await database.transaction((query) => placeOrder(query, order))
        return reply.code(201).send(placed)
      } catch (error) {
        if (error instanceof OutOfStock) return reply.code(409).send({ error: error.message })
        if (error instanceof UnknownProduct) return reply.code(422).send({ error: error.message })
        throw error
      }
    },
  )
}
