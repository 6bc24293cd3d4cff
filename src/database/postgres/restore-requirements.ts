import { type Checkpoint, majorVersion } from '../../domain/checkpoint.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { formatBytes, freeSpaceOfServer } from './free-space.ts'
import { databaseExists, readServerFacts } from './server-facts.ts'
import type { DatabaseSession } from './session.ts'

/** Indexes are built with room, and sorting takes some more for a moment. */
const SPACE_FACTOR = 1.2

/** What a restored copy takes on the server's disk, roughly. */
export function bytesNeeded({ content }: Pick<Checkpoint, 'content'>): number {
  return Math.ceil(content.tables.reduce((sum, { bytes }) => sum + bytes, 8_000_000) * SPACE_FACTOR)
}

/**
 * Everything that would end a restore part way, asked before anything is made.
 * @throws OperatorError DB_SERVER_OLDER, DB_NOT_ALLOWED, DB_NAME_TAKEN, DB_ROLE_MISSING, DB_EXTENSION_MISSING, DB_NO_SPACE
 * @returns the server's major version
 */
export async function requireRestorable(
  session: DatabaseSession,
  checkpoint: Checkpoint,
  database: string,
): Promise<number> {
  const { id } = checkpoint
  const server = await readServerFacts(session)
  const dumped = majorVersion(checkpoint.serverVersion)
  if (server.major < dumped)
    throw new OperatorError('DB_SERVER_OLDER', { checkpoint: id, dumped, server: server.major })
  if (!server.createDatabase)
    throw new OperatorError('DB_NOT_ALLOWED', { user: server.user, detail: 'it may not create databases' })
  if (await databaseExists(session, database)) throw new OperatorError('DB_NAME_TAKEN', { database })
  const roles = await missingRoles(session, checkpoint)
  if (roles.length > 0)
    throw new OperatorError('DB_ROLE_MISSING', { checkpoint: id, roles: roles.join(', ') })
  const extensions = await missingExtensions(session, checkpoint)
  if (extensions.length > 0)
    throw new OperatorError('DB_EXTENSION_MISSING', { checkpoint: id, extensions: extensions.join(', ') })
  await requireSpace(session, checkpoint)
  return server.major
}

async function missingRoles(session: DatabaseSession, { properties }: Checkpoint): Promise<string[]> {
  const rows = await session.query<{ name: string }>(
    'SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT rolname FROM pg_roles) ORDER BY 1',
    [[...new Set([properties.owner, ...properties.roles])]],
  )
  return rows.map(({ name }) => name)
}

/** A template database may have it installed without its files being there, so only what is available counts. */
async function missingExtensions(session: DatabaseSession, { content }: Checkpoint): Promise<string[]> {
  const rows = await session.query<{ name: string; version: string }>(
    `SELECT name, version FROM unnest($1::text[], $2::text[]) AS needed (name, version)
      WHERE (name, version) NOT IN (SELECT name::text, version FROM pg_available_extension_versions) ORDER BY 1`,
    [content.extensions.map(({ name }) => name), content.extensions.map(({ version }) => version)],
  )
  return rows.map(({ name, version }) => `${name} ${version}`)
}

async function requireSpace(session: DatabaseSession, checkpoint: Checkpoint): Promise<void> {
  const free = await freeSpaceOfServer(session)
  const needed = bytesNeeded(checkpoint)
  if (free === null || free.bytes >= needed) return
  throw new OperatorError('DB_NO_SPACE', {
    needed: formatBytes(needed),
    path: free.path,
    free: formatBytes(free.bytes),
  })
}
