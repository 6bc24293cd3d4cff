/** `my "table"` -> `"my ""table"""`. Always quoted, so that no word is ever a keyword. */
export function quoteIdentifier(name: string): string {
  if (name === '' || name.includes('\0')) throw new Error(`${JSON.stringify(name)} is no name in PostgreSQL`)
  return `"${name.replaceAll('"', '""')}"`
}

/** As text of SQL, also where standard_conforming_strings is off. */
export function quoteLiteral(text: string): string {
  if (text.includes('\0')) throw new Error('a text with a zero byte cannot be written in PostgreSQL')
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? ` E${quoted}` : quoted
}

export function qualified(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}
