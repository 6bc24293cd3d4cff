import type { Findings } from './findings.ts'

/** Usual paths of each, the likeliest first. */
const HEALTH = {
  live: ['/health', '/healthz', '/health/live', '/livez', '/live', '/api/health', '/ping'],
  database: ['/health/db', '/health/database', '/healthz/db', '/db/health', '/api/health/db'],
  ready: ['/health/ready', '/healthz/ready', '/ready', '/readyz', '/readiness', '/api/health/ready'],
} as const

/** Lists that a shop or an API shows to everybody. */
const SMOKE = [
  '/products',
  '/categories',
  '/items',
  '/api/products',
  '/api/categories',
  '/api/items',
  '/api/v1/products',
]

const GET_ROUTE = /\.get\s*(?:<[^()]*>)?\(\s*(["'`])(\/[\w./-]*)\1/g
const ROUTE_OBJECT = /\b(?:url|path)\s*:\s*(["'`])(\/[\w./-]*)\1/g

/** From the words of the source, nothing more: a prefix that is set elsewhere is not seen. */
export function guessRoutes(sources: readonly string[]): Pick<Findings, 'health' | 'smoke'> {
  const found = new Set(
    sources.flatMap((text) =>
      [...text.matchAll(GET_ROUTE), ...text.matchAll(ROUTE_OBJECT)].map(([, , path = '']) => path),
    ),
  )
  const first = (paths: readonly string[]) => paths.find((path) => found.has(path)) ?? null
  return {
    health: { live: first(HEALTH.live), database: first(HEALTH.database), ready: first(HEALTH.ready) },
    smoke: SMOKE.filter((path) => found.has(path)),
  }
}
