import type { FastifyInstance } from 'fastify'
import type { Store } from '../app.ts'
import { passwordMatches } from '../passwords.ts'
import { closeSession, openSession } from '../sessions.ts'

type Credentials = { email: string; password: string }

const credentials = {
  type: 'object',
  required: ['email', 'password'],
  properties: {
    email: { type: 'string', maxLength: 200 },
    password: { type: 'string', maxLength: 200 },
  },
} as const

export async function loginRoutes(app: FastifyInstance, { database }: Store): Promise<void> {
  app.post<{ Body: Credentials }>('/login', { schema: { body: credentials } }, async ({ body }, reply) => {
    const [user] = await database.query<{ id: number; password_hash: string }>(
      'select id, password_hash from users where email = $1',
      [body.email.toLowerCase()],
    )
    if (!user || !(await passwordMatches(body.password, user.password_hash))) {
      return reply.code(401).send({ error: 'wrong e-mail or password' })
    }
    return { token: await openSession(database, user.id) }
  })

  app.delete('/session', async ({ headers }, reply) => {
    await closeSession(database, headers.authorization)
    return reply.code(204).send()
  })
}
