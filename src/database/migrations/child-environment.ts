import type { Connection } from '../postgres/connection.ts'
import { parseConnection } from '../postgres/connection.ts'

/** What every process of ours shows in pg_stat_activity, so that one we lost is found again. */
export const CHILD_NAME = 'lastgood migration tool'

export interface Aim {
  /** The service's own database. */
  own: string
  /** The one that is meant. */
  url: string
  lockTimeoutMs: number
}

/**
 * The release's environment with everything in it that leads to a database turned to the one that is meant: in a rehearsal
 * a command that reads a variable of its own must not reach the real one. Secrets are here, and never in argv.
 */
export function childEnvironment(
  base: Readonly<Record<string, string>>,
  { own, url, lockTimeoutMs }: Aim,
): Record<string, string> {
  const meant = withLockTimeout(url, lockTimeoutMs)
  const ownPlace = placeOf(parseConnection(own))
  const turned = Object.entries(base).map(([name, value]) => [name, leadsTo(value, ownPlace) ? meant : value])
  const { host, port, user, password, database, parameters } = parseConnection(url)
  return {
    ...Object.fromEntries(turned),
    DATABASE_URL: meant,
    PGHOST: host,
    PGPORT: String(port),
    PGUSER: user,
    ...(password === null ? {} : { PGPASSWORD: password }),
    PGDATABASE: database,
    // As our own session takes it; Go's driver would ask for TLS where a url says nothing.
    PGSSLMODE: parameters.sslmode ?? 'disable',
    PGAPPNAME: CHILD_NAME,
    PGOPTIONS: `-c lock_timeout=${Math.round(lockTimeoutMs)}`,
  }
}

/** A url that has options of its own is asked before PGOPTIONS, so the limit has to be in it as well. */
function withLockTimeout(url: string, lockTimeoutMs: number): string {
  const parsed = new URL(url)
  const options = parsed.searchParams.get('options')
  if (options === null) return url
  parsed.searchParams.set('options', `${options} -c lock_timeout=${Math.round(lockTimeoutMs)}`)
  return parsed.href
}

function leadsTo(value: string, place: string): boolean {
  if (!/^postgres(ql)?:\/\//.test(value)) return false
  try {
    return placeOf(parseConnection(value)) === place
  } catch {
    return false
  }
}

function placeOf({ host, port, database }: Connection): string {
  return `${host}:${port}/${database}`
}
