import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { idParameter } from './id-parameter.ts'

const PRODUCT = `
  select p.id, p.name, p.description, p.price_cents, p.stock, c.slug as category
  from products p join categories c on c.id = p.category_id`

const listQuery = {
  type: 'object',
  properties: { category: { type: 'string', maxLength: 50 } },
} as const

export async function catalogueRoutes(app: FastifyInstance, { database }: Store): Promise<void> {
  app.get('/categories', async () => database.query('select slug, name from categories order by name'))

  app.get<{ Querystring: { category?: string } }>(
    '/products',
    { schema: { querystring: listQuery } },
    async ({ query }) =>
      database.query(`${PRODUCT} where $1::text is null or c.slug = $1 order by p.id limit 50`, [
        query.category ?? null,
      ]),
  )

  app.get<{ Params: { id: number } }>(
    '/products/:id',
    { schema: { params: idParameter } },
    async ({ params }, reply) => {
      const [product] = await database.query(`${PRODUCT} where p.id = $1`, [params.id])
      return product ?? reply.code(404).send({ error: `there is no product ${params.id}` })
    },
  )
}
