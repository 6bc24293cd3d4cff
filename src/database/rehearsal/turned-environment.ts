import type { TurnedEnvironment } from '../../ports/trial-databases.ts'
import { type Connection, parseConnection } from '../postgres/connection.ts'

/** Under this name a rehearsed release shows in pg_stat_activity, where its driver takes it from the environment. */
export const REHEARSED = 'rehearsed by lastgood'

const A_URL = /postgres(?:ql)?:\/\/[^\s"'`<>\\,;|]+/g
/** Names of variables that are about a database, and so may hold a part of where it is. */
const ABOUT_DATABASE = /PG|POSTGRES|DATABASE|DB|SQL/i

/**
 * Everything that leads to the live database leads to the copy: whole urls, also inside of other text and as another role;
 * and its name, host and port, each in a variable of its own. A release must never write into the live database while it is
 * tried, so what was turned is told: when it is nothing, nobody knows where it would write.
 * @param copy as the service's role
 */
export function turnEnvironment(
  env: Readonly<Record<string, string>>,
  live: Connection,
  copy: Connection,
): TurnedEnvironment {
  const turned: string[] = []
  const entries = Object.entries(env).map(([name, value]) => {
    const other = turnPart(name, turnUrls(value, live, copy), live, copy)
    if (other !== value && leadsToDatabase(name, value, live)) turned.push(name)
    return [name, other]
  })
  return {
    env: { PGAPPNAME: REHEARSED, ...Object.fromEntries(entries), LASTGOOD_REHEARSAL: '1' },
    turned,
  }
}

function turnUrls(value: string, live: Connection, copy: Connection): string {
  return value.replace(A_URL, (url) => (isLive(url, live) ? turnUrl(url, live, copy) : url))
}

function isLive(url: string, live: Connection): boolean {
  try {
    const { host, port, database } = parseConnection(url)
    return database === live.database && port === live.port && sameHost(host, live.host)
  } catch {
    return false
  }
}

/** The same role and the same options on another database. */
export function turnUrl(url: string, live: Connection, copy: Connection): string {
  const parsed = new URL(url)
  parsed.pathname = `/${encodeURIComponent(copy.database)}`
  if (sameHost(copy.host, live.host) && copy.port === live.port) return parsed.href
  parsed.searchParams.delete('host')
  parsed.searchParams.delete('port')
  if (copy.host.startsWith('/')) parsed.searchParams.set('host', copy.host)
  else parsed.hostname = copy.host.includes(':') ? `[${copy.host}]` : copy.host
  parsed.port = String(copy.port)
  return parsed.href
}

function turnPart(name: string, value: string, live: Connection, copy: Connection): string {
  if (!ABOUT_DATABASE.test(name)) return value
  if (value === live.database && !/USER|ROLE|PASS/i.test(name)) return copy.database
  if (value === String(live.port) && /PORT/i.test(name)) return String(copy.port)
  if (/HOST|ADDR|SERVER/i.test(name) && sameHost(value, live.host)) return copy.host
  return value
}

/** A host or a port alone does not make a release use the copy. */
function leadsToDatabase(name: string, value: string, live: Connection): boolean {
  return value.match(A_URL) !== null || (ABOUT_DATABASE.test(name) && value === live.database)
}

function sameHost(one: string, other: string): boolean {
  return plainHost(one) === plainHost(other)
}

function plainHost(host: string): string {
  return ['localhost', '127.0.0.1', '::1', '[::1]', ''].includes(host) ? 'localhost' : host.toLowerCase()
}
