import { OperatorError } from '../../errors/operator-error.ts'

/** How to reach one database. Holds the password: never printed, never serialised; see describeConnection. */
export interface Connection {
  host: string
  port: number
  user: string
  password: string | null
  database: string
  /** `sslmode`, `sslrootcert`, `options`, ...: as in the url. */
  parameters: Record<string, string>
}

/**
 * Reads `postgres://user:password@host:port/database?sslmode=require`. A socket folder goes into `?host=/run/postgresql`.
 * @throws OperatorError DB_URL_INVALID, without the url: it holds the password
 */
export function parseConnection(url: string): Connection {
  const parsed = parseUrl(url.trim())
  const { host: hostParameter, port: portParameter, ...parameters } = Object.fromEntries(parsed.searchParams)
  const user = decode(parsed.username, 'user')
  if (user === '') throw invalid('it names no user (postgres://USER:PASSWORD@HOST:PORT/DATABASE)')
  const database = decode(parsed.pathname.slice(1), 'database') || user
  const password = decode(parsed.password, 'password')
  if (/[\r\n\0]/.test(password)) throw invalid('its password has a line break in it')
  const host = hostParameter ?? (decode(parsed.hostname, 'host').replace(/^\[(.+)\]$/, '$1') || 'localhost')
  const port = Number(portParameter ?? (parsed.port || 5432))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw invalid('its port is no port')
  return { host, port, user, password: password === '' ? null : password, database, parameters }
}

export function onDatabase(connection: Connection, database: string): Connection {
  return { ...connection, database }
}

/** For people: `store@127.0.0.1:5432/shop`. */
export function describeConnection({ user, host, port, database }: Connection): string {
  return `${user}@${host}:${port}/${database}`
}

function parseUrl(url: string): URL {
  let parsed: URL
  try {
    parsed = new URL(url)
  } catch {
    // The error of URL would repeat the url, with the password in it. `postgres://user@/shop` has no host, and is fine.
    parsed = parseWithoutHost(url)
  }
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:')
    throw invalid('it does not begin with postgres:// or postgresql://')
  if (parsed.hash !== '') throw invalid('it has a # in it, which must be written %23')
  return parsed
}

function parseWithoutHost(url: string): URL {
  try {
    const parsed = new URL(url.replace(/@(:\d+)?(?=\/|\?|$)/, '@localhost$1'))
    if (parsed.hostname === 'localhost') return parsed
  } catch {
    // The same again.
  }
  throw invalid(
    'it is no url; characters like @ : / # % in a password must be written as %40 %3A %2F %23 %25',
  )
}

function decode(text: string, part: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw invalid(`its ${part} has a % in it that begins no character; a plain % is written %25`)
  }
}

function invalid(detail: string): OperatorError {
  return new OperatorError('DB_URL_INVALID', { detail })
}
