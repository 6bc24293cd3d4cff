import { lstat, readdir, readlink, realpath } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { OperatorError } from '../errors/operator-error.ts'

export interface ScannedArtifact {
  /** Relative to the artifact. `shared`: another name, maybe elsewhere, has the same content. */
  files: { path: string; size: number; mode: number; shared: boolean }[]
  links: { path: string; to: string }[]
  /** Absolute, parents first, the artifact itself included. */
  folders: string[]
}

/** @throws OperatorError UNSAFE_LINK when links lead out: what they point at can change after the release is sealed. */
export async function scanArtifact(root: string): Promise<ScannedArtifact> {
  const found: ScannedArtifact = { files: [], links: [], folders: [root] }
  // The list grows while it is walked.
  for (const folder of found.folders) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name)
      const name = relative(root, path)
      if (entry.isDirectory()) found.folders.push(path)
      else if (entry.isSymbolicLink()) found.links.push({ path: name, to: await readlink(path) })
      else if (entry.isFile()) {
        const { size, mode, nlink } = await lstat(path)
        found.files.push({ path: name, size, mode, shared: nlink > 1 })
      }
    }
  }
  await refuseLinksOut(root, found.links)
  return found
}

async function refuseLinksOut(root: string, links: ScannedArtifact['links']): Promise<void> {
  const realRoot = await realpath(root)
  const out: string[] = []
  for (const link of links) {
    if (!(await staysInside(root, realRoot, link))) out.push(`${link.path} -> ${link.to}`)
  }
  const [first, ...others] = out
  if (first === undefined) return
  const more = others.length === 0 ? '' : ` and ${others.length} more`
  throw new OperatorError('UNSAFE_LINK', { link: `${first}${more}` }, { details: out.slice(0, 20) })
}

async function staysInside(
  root: string,
  realRoot: string,
  link: { path: string; to: string },
): Promise<boolean> {
  const path = join(root, link.path)
  try {
    return isWithin(realRoot, await realpath(path))
  } catch {
    // It points at nothing (yet). What it names decides.
    return (
      isWithin(root, resolve(dirname(path), link.to)) || isWithin(realRoot, resolve(dirname(path), link.to))
    )
  }
}

function isWithin(root: string, path: string): boolean {
  return path === root || path.startsWith(root + sep)
}
