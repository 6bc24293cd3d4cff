import type { CacheConfiguration } from './cache-configuration.ts'
import type { Configuration } from './configuration.ts'
import { secretsOfSinks } from './notify/notify-configuration.ts'
import { hasPlaceholder } from './placeholder.ts'
import type { Replacement } from './replace-variables.ts'
import type { WatchConfiguration } from './watch-configuration.ts'

const SECRET_NAME =
  /secret|token|passw|pwd|api[_-]?key|private|credential|auth|cookie|salt|dsn|database_url|connection|_key$/i

/** Shorter ones would blank out half of every message, and hide nothing. */
const SHORTEST = 4

export function looksSecret(name: string, value: string): boolean {
  return SECRET_NAME.test(name) || passwordOf(value) !== null
}

/**
 * Values that no output may show: what came in through `${NAME}`, and variables of the service that look like secrets. A
 * value that every listing shows anyway (a host, a port, an app name) is none, unless its name says otherwise.
 */
export function collectSecrets(configuration: Configuration, taken: Replacement['taken']): string[] {
  const { service, url, runtime } = configuration
  const shown = [service, url, JSON.stringify(runtime)].join('\n')
  const fromEnvironment = taken.filter(
    ({ name, value }) => looksSecret(name, value) || (!shown.includes(value) && !/^\d{1,6}$/.test(value)),
  )
  const values = fromEnvironment.flatMap(({ value }) => [value, ...passwordForms(value)])
  return longestFirst([
    ...values,
    ...secretsIn(configuration.env),
    ...secretsInUrls(configuration),
    ...secretsInWatch(configuration.watch),
    ...secretsOfSinks(configuration.notify.sinks),
    ...secretsInCache(configuration.cache),
    ...(configuration.incident.issues === null ? [] : [configuration.incident.issues.token]),
  ])
}

/** The values of an environment that no output may show. Longest first. */
export function secretsIn(env: Readonly<Record<string, string>>): string[] {
  return longestFirst(
    Object.entries(env)
      .filter(([name, value]) => looksSecret(name, value))
      .flatMap(([, value]) => [value, ...passwordForms(value)]),
  )
}

/** Only those with a password: without one, a URL is an address. */
function secretsInUrls({ database }: Configuration): string[] {
  const urls = [database?.url, database?.adminUrl, database?.pgbouncer?.adminUrl]
  return urls.flatMap((url) => (url && passwordOf(url) !== null ? [url, ...passwordForms(url)] : []))
}

/** What is sent to log in, with metrics' requests, and what Alertmanager must send. */
function secretsInWatch({ listen, signals, flows }: WatchConfiguration): string[] {
  const sent = flows
    .flatMap(({ steps, cleanup }) => [...steps, ...cleanup])
    .flatMap(({ requestHeaders, body }) => [requestHeaders, body])
  const found = [signals.headers, ...sent].flatMap((map) => namedTexts('', map))
  return [
    ...(listen?.token ? [listen.token] : []),
    ...found
      // `Bearer {token}` gives nothing away.
      .filter(([name, value]) => looksSecret(name, value) && !hasPlaceholder(value))
      .flatMap(([, value]) => [value, value.replace(/^(Bearer|Basic) +/i, ''), ...passwordForms(value)]),
  ]
}

/** Passwords of Redis, and what is sent to a cache in front. */
function secretsInCache(cache: CacheConfiguration | null): string[] {
  if (cache === null) return []
  const urls = [...cache.redis, ...cache.http].map(({ url }) => url)
  const sent = cache.http.flatMap(({ headers }) => namedTexts('', headers))
  return [
    ...urls.flatMap((url) => (passwordOf(url) === null ? [] : [url, ...passwordForms(url)])),
    ...sent
      .filter(([name, value]) => looksSecret(name, value))
      .flatMap(([, value]) => [value, value.replace(/^(Bearer|Basic) +/i, '')]),
  ]
}

/** Every text in it with the nearest name above it. */
function namedTexts(name: string, value: unknown): [string, string][] {
  if (typeof value === 'string') return [[name, value]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => namedTexts(Array.isArray(value) ? name : key, item))
}

function longestFirst(values: readonly string[]): string[] {
  return [...new Set(values)].filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length)
}

function passwordForms(value: string): string[] {
  const password = passwordOf(value)
  if (password === null) return []
  try {
    return [password, decodeURIComponent(password)]
  } catch {
    return [password]
  }
}

function passwordOf(value: string): string | null {
  return /^[a-z][a-z0-9+.-]*:\/\/[^/\s:@]*:([^/\s@]+)@/i.exec(value)?.[1] ?? null
}
