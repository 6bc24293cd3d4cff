import { isMap, isScalar } from 'yaml'
import type { Configuration } from '../domain/configuration.ts'
import type { Replacement } from './replace-variables.ts'
import type { YamlFile } from './yaml-file.ts'

const SECRET_NAME =
  /secret|token|passw|pwd|api_?key|private|credential|auth|cookie|salt|dsn|database_url|connection|_key$/i

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
  const shown = [service, url, runtime.app, runtime.script, runtime.mode, runtime.home, runtime.program].join(
    '\n',
  )
  const fromEnvironment = taken.filter(
    ({ name, value }) => looksSecret(name, value) || (!shown.includes(value) && !/^\d{1,6}$/.test(value)),
  )
  const own = Object.entries(configuration.env)
    .map(([name, value]) => ({ name, value }))
    .filter(({ name, value }) => looksSecret(name, value))
  const values = [...fromEnvironment, ...own].flatMap(({ value }) => [value, ...passwordForms(value)])
  return [...new Set(values)].filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length)
}

/** The text with every secret that stands in it literally blanked out; a `${NAME}` stays, it gives nothing away. */
export function maskLiterals(text: string, { document }: YamlFile): string {
  const env = document.get('env')
  if (!isMap(env)) return text
  const spots = env.items.flatMap(({ key, value }) => {
    if (!isScalar(key) || !isScalar(value) || !value.range || value.value === null || value.value === '')
      return []
    const source = text.slice(value.range[0], value.range[1])
    const literal = !/^["']?\$\{\w+\}["']?$/.test(source.trim())
    return literal && looksSecret(String(key.value), source) ? [value.range] : []
  })
  return spots.reduceRight(
    (masked, [start, end]) => `${masked.slice(0, start)}'***'${masked.slice(end)}`,
    text,
  )
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

/** The same, of an environment that was kept with a release. Longest first. */
export function collectEnvironmentSecrets(env: Readonly<Record<string, string>>): string[] {
  const values = Object.entries(env)
    .filter(([name, value]) => looksSecret(name, value))
    .flatMap(([, value]) => [value, ...passwordForms(value)])
  return [...new Set(values)].filter((value) => value.length >= SHORTEST).sort((a, b) => b.length - a.length)
}
