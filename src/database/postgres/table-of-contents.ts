import type { TableContent } from '../../domain/checkpoint.ts'

/** `5; 2615 16385 SCHEMA - tools store`: pg_restore --list, without the schemas that are there already. */
export function withoutEntries(list: string, schemas: readonly string[]): string {
  const made = (line: string) => schemas.some((schema) => line.includes(` SCHEMA - ${schema} `))
  return list
    .split('\n')
    .filter((line) => !(/^\d+; 2615 /.test(line) && made(line)))
    .join('\n')
}

/** `4021; 0 16500 TABLE DATA public orders store`: without the rows of all tables but these. */
export function withRowsOf(list: string, tables: readonly TableContent[]): string {
  const kept = (line: string) =>
    tables.some(({ schema, name }) => line.includes(` TABLE DATA ${schema} ${name} `))
  return list
    .split('\n')
    .filter(
      (line) => !/^\d+; \d+ \d+ (TABLE DATA|BLOBS?|BLOB METADATA|BLOB COMMENTS) /.test(line) || kept(line),
    )
    .join('\n')
}
