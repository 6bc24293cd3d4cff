import type { DatabaseContent } from '../../domain/checkpoint.ts'
import { quoteIdentifier } from './identifier.ts'
import type { Sql } from './session.ts'

/**
 * The versions the checkpoint had: pg_dump's own CREATE EXTENSION takes whatever version is the newest today.
 * @returns schemas that had to be made for them, and so must not be made again
 */
export async function createExtensions(
  sql: Sql,
  { extensions, catalog }: DatabaseContent,
): Promise<{ schemas: string[] }> {
  const schemas: string[] = []
  for (const { name, version, schema } of extensions) {
    const [installed] = await sql.query<{ version: string }>(
      'SELECT extversion AS version FROM pg_extension WHERE extname = $1',
      [name],
    )
    // plpgsql comes with every new database.
    if (installed !== undefined) continue
    if (!(await schemaExists(sql, schema))) {
      const owner = catalog.find((object) => object.kind === 'owner' && object.name === schema)?.definition
      const as = owner === undefined ? '' : ` AUTHORIZATION ${quoteIdentifier(owner)}`
      await sql.query(`CREATE SCHEMA ${quoteIdentifier(schema)}${as}`)
      schemas.push(schema)
    }
    await sql.query(
      `CREATE EXTENSION ${quoteIdentifier(name)} SCHEMA ${quoteIdentifier(schema)} VERSION ${quoteIdentifier(version)} CASCADE`,
    )
  }
  return { schemas }
}

async function schemaExists(sql: Sql, name: string): Promise<boolean> {
  return (await sql.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [name])).length > 0
}
