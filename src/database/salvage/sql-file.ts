import type { TableName } from '../../domain/salvage.ts'
import { qualified, quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'

/** Loads with `psql -X -v ON_ERROR_STOP=1 -f FILE`: all of it or nothing. */
export const SQL_HEAD = `SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
BEGIN;
`
export const SQL_TAIL = 'COMMIT;\n'

/** Never overwrites. */
export function insertStatement(
  { schema, name }: TableName,
  columns: readonly string[],
  values: readonly (string | null)[],
): string {
  const literals = values.map((value) => (value === null ? 'NULL' : quoteLiteral(value)))
  return `INSERT INTO ${qualified(schema, name)} (${columns.map(quoteIdentifier).join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${literals.join(', ')}) ON CONFLICT DO NOTHING;\n`
}

/** One line, whatever is in the data: a line break there would end the comment. */
export function commentLine(what: string, values: unknown): string {
  return `-- ${what} ${JSON.stringify(values).replace(/[\u2028\u2029]/g, ' ')}\n`
}
