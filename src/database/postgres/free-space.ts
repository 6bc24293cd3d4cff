import { statfs } from 'node:fs/promises'
import type { Sql } from './session.ts'

export interface FreeSpace {
  path: string
  bytes: number
}

/** Of the disk that holds a folder, for a user who is not root. */
export async function freeSpaceOf(path: string): Promise<FreeSpace> {
  const { bavail, bsize } = await statfs(path)
  return { path, bytes: bavail * bsize }
}

/**
 * Of the server's disk. PostgreSQL does not tell, so only for a server on this host whose data folder we are told and may
 * look at; null: nobody knows. A loopback address seen by the server itself leaves out one behind a forwarded port.
 */
export async function freeSpaceOfServer(sql: Sql): Promise<FreeSpace | null> {
  const [row] = await sql.query<{ folder: string | null; local: boolean }>(`
    SELECT CASE WHEN pg_has_role(current_user, 'pg_read_all_settings', 'MEMBER')
                THEN current_setting('data_directory', true) END AS folder,
           COALESCE(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true) AS local`)
  if (row === undefined || row.folder === null || !row.local) return null
  return freeSpaceOf(row.folder).catch(() => null)
}

/** `1.4 GB`, `12 MB` */
export function formatBytes(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`
  return bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`
}
