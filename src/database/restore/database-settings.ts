import type { DatabaseGrant } from '../../domain/checkpoint.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'

/** Settings that are lists of names: each is quoted on its own, or the list would be one long name. As pg_dump knows them. */
const LISTS = [
  'local_preload_libraries',
  'search_path',
  'session_preload_libraries',
  'shared_preload_libraries',
  'temp_tablespaces',
  'unix_socket_directories',
]

/** `search_path="$user", public` -> `"search_path" TO '$user', 'public'` */
export function settingClause(entry: string): string {
  const at = entry.indexOf('=')
  const [name, value] = [entry.slice(0, at), entry.slice(at + 1)]
  // A setting of an extension has a dot in it, and each side is a name.
  const quoted = name.split('.').map(quoteIdentifier).join('.')
  const values = LISTS.includes(name.toLowerCase()) ? splitNames(value) : [value]
  return `${quoted} TO ${values.map((one) => quoteLiteral(one).trim()).join(', ')}`
}

export function alterSetting(database: string, role: string | null, entry: string): string {
  const inDatabase = `DATABASE ${quoteIdentifier(database)}`
  const who = role === null ? inDatabase : `ROLE ${quoteIdentifier(role)} IN ${inDatabase}`
  return `ALTER ${who} SET ${settingClause(entry)}`
}

/** Every right on the database, from nothing: what PostgreSQL gives PUBLIC by itself is taken first. */
export function grantStatements(
  database: string,
  owner: string,
  acl: readonly DatabaseGrant[],
  others: readonly string[],
): string[] {
  const on = `ON DATABASE ${quoteIdentifier(database)}`
  const clear = [owner, ...others].map((role) => `REVOKE ALL ${on} FROM ${quoteIdentifier(role)}`)
  const grants = acl.map(({ grantee, privilege, grantable }) => {
    const to = grantee === null ? 'PUBLIC' : quoteIdentifier(grantee)
    return `GRANT ${privilege} ${on} TO ${to}${grantable ? ' WITH GRANT OPTION' : ''}`
  })
  return [`REVOKE ALL ${on} FROM PUBLIC`, ...clear, ...grants]
}

/** `"$user", public, "a, ""b"""` -> `$user`, `public`, `a, "b"`; nothing: one empty name. */
export function splitNames(list: string): string[] {
  const names = [...list.matchAll(/"((?:[^"]|"")*)"|[^,\s]+/g)].map(([whole, quoted]) =>
    quoted === undefined ? whole : quoted.replaceAll('""', '"'),
  )
  return names.length === 0 ? [''] : names
}
