import type { DatabaseProperties } from '../../domain/checkpoint.ts'
import { quoteIdentifier, quoteLiteral } from './identifier.ts'
import type { Sql } from './session.ts'

/** Empty, with the language, encoding and owner of the one it is to be like. */
export async function createDatabase(
  sql: Sql,
  name: string,
  like: DatabaseProperties,
  serverMajor: number,
): Promise<void> {
  const options = [
    `OWNER ${quoteIdentifier(like.owner)}`,
    // template1 may have something in it, and only template0 can be copied into another encoding.
    'TEMPLATE template0',
    `ENCODING ${quoteLiteral(like.encoding)}`,
    `LC_COLLATE ${quoteLiteral(like.collate)}`,
    `LC_CTYPE ${quoteLiteral(like.ctype)}`,
    ...localeOptions(like, serverMajor),
    ...(like.tablespace === 'pg_default' ? [] : [`TABLESPACE ${quoteIdentifier(like.tablespace)}`]),
  ]
  await sql.query(`CREATE DATABASE ${quoteIdentifier(name)} ${options.join(' ')}`)
}

function localeOptions({ localeProvider, locale }: DatabaseProperties, serverMajor: number): string[] {
  if (serverMajor < 15) return []
  const provider = `LOCALE_PROVIDER ${localeProvider}`
  if (localeProvider === 'libc' || locale === null) return [provider]
  const option = localeProvider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'
  return [provider, `${option} ${quoteLiteral(locale)}`]
}

/** Whoever is connected is thrown out: what we made for ourselves is ours to take away. */
export async function dropDatabase(sql: Sql, name: string): Promise<void> {
  await sql.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
}
