import fastify, { type FastifyInstance } from 'fastify'
import type { Database } from './database/database.ts'
import type { Identity } from './identity.ts'
import { countRequests } from './metrics.ts'
import { catalogueRoutes } from './routes/catalogue.ts'
import { checkoutRoutes } from './routes/checkout.ts'
import { healthRoutes } from './routes/health.ts'
import { loginRoutes } from './routes/login.ts'
import { orderRoutes } from './routes/orders.ts'
import { searchRoutes } from './routes/search.ts'
import type { Settings } from './settings.ts'

/** What every route may use. */
export type Store = { settings: Settings; database: Database; identity: Identity }

export function buildApp(store: Store): FastifyInstance {
  const app = fastify({ logger: { level: store.settings.logLevel } })
  signEveryAnswer(app, store.identity)
  countRequests(app, store.identity.release)
  app.register(healthRoutes, store)
  app.register(catalogueRoutes, store)
  app.register(searchRoutes, store)
  app.register(loginRoutes, store)
  app.register(checkoutRoutes, store)
  app.register(orderRoutes, store)
  return app
}

/** On the server and not in a hook: an answer given while closing, or to a broken URL, never reaches a hook. */
function signEveryAnswer(app: FastifyInstance, identity: Identity): void {
  app.server.prependListener('request', (_request, response) => {
    response.setHeader('x-version', identity.version)
    if (identity.release) response.setHeader('x-release', identity.release)
  })
}
