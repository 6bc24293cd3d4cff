import { isAbsolute, relative, resolve } from 'node:path'

/** Where the files of a release are, and where the project they come from is: one path may name either. */
export interface Places {
  /** First the permanent one, then other spellings of it (links resolved). */
  artifact: readonly [string, ...string[]]
  /** The repository or folder it was made from, likewise. */
  origin: readonly string[]
}

/** Relative to `base` within the artifact; null when it leads out of both artifact and origin. */
export function pathInArtifact(places: Places, base: string, path: string): string | null {
  if (!isAbsolute(path)) return within(places.artifact[0], resolve(places.artifact[0], base, path))
  for (const root of [...places.artifact, ...places.origin]) {
    const inside = within(root, path)
    if (inside !== null) return inside
  }
  return null
}

/**
 * Where a service writes (its logs): never in the artifact, which is read-only and goes with the release, but at the same
 * place in the project.
 */
export function pathOutsideArtifact(places: Places, base: string, path: string): string {
  const origin = places.origin[0]
  // Not a path to us: PM2 knows the home folder by `~` and nowhere by `NULL`.
  if (origin === undefined || path.startsWith('~') || path === 'NULL') return path
  if (!isAbsolute(path)) return resolve(origin, base, path)
  for (const root of places.artifact) {
    const inside = within(root, path)
    if (inside !== null) return resolve(origin, inside)
  }
  return path
}

/** Relative path from root, `.` for root itself; null when it is not inside. */
export function within(root: string, path: string): string | null {
  const way = relative(root, path)
  if (way === '') return '.'
  return way === '..' || way.startsWith('../') || isAbsolute(way) ? null : way
}
