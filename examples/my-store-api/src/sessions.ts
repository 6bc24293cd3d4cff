import { createHash, randomBytes } from 'node:crypto'
import type { Database } from './database/database.ts'

/** The database keeps a hash only: whoever reads the table cannot shop with it. */
const hashToken = (token: string) => createHash('sha256').update(token).digest('hex')

export async function openSession(database: Database, userId: number): Promise<string> {
  const token = randomBytes(24).toString('base64url')
  await database.query(
    `insert into sessions (token_hash, user_id, expires_at) values ($1, $2, now() + interval '12 hours')
     on conflict (token_hash) do nothing`,
    [hashToken(token), userId],
  )
  return token
}

/** The user of an `authorization: Bearer TOKEN` header, or null. */
export async function findSessionUser(
  database: Database,
  header: string | undefined,
): Promise<number | null> {
  const token = tokenIn(header)
  if (!token) return null
  const [session] = await database.query<{ user_id: number }>(
    'select user_id from sessions where token_hash = $1 and expires_at > now()',
    [hashToken(token)],
  )
  return session?.user_id ?? null
}

export async function closeSession(database: Database, header: string | undefined): Promise<void> {
  const token = tokenIn(header)
  if (token) await database.query('delete from sessions where token_hash = $1', [hashToken(token)])
}

function tokenIn(header: string | undefined): string | null {
  return header?.match(/^Bearer (\S+)$/)?.[1] ?? null
}
