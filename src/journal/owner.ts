import { chownSync, statSync } from 'node:fs'

/**
 * `sudo lastgood ...` must not leave files that the service's own user cannot use afterwards. SQLite does the same for
 * the files that it makes beside the database.
 */
export function leaveToOwner(home: string, file: string): void {
  if (process.geteuid?.() !== 0) return
  const { uid, gid } = statSync(home)
  if (uid !== 0) chownSync(file, uid, gid)
}
