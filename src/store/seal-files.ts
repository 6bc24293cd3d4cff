import { constants } from 'node:fs'
import { chmod, copyFile, open, rename } from 'node:fs/promises'
import { join } from 'node:path'
import type { ManifestEntry } from './artifact-manifest.ts'
import { digestFile, digestText, forEachOf } from './digest.ts'
import { scanArtifact } from './scan-artifact.ts'

/**
 * Takes every right to write away, makes the content durable, and notes it. One pass: each file is opened once, read,
 * and synced. Rights are only ever taken: a 0600 file with a secret becomes 0400, not 0444.
 * @throws OperatorError UNSAFE_LINK
 */
export async function sealFiles(root: string): Promise<ManifestEntry[]> {
  const scanned = await scanArtifact(root)
  const entries: ManifestEntry[] = scanned.links.map(({ path, to }) => ({
    path,
    kind: 'link',
    size: Buffer.byteLength(to),
    digest: digestText(to),
  }))
  await forEachOf(scanned.files, async ({ path, size, mode, shared }) => {
    if (shared) await unshare(join(root, path))
    const file = await open(join(root, path), 'r')
    try {
      const digest = await digestFile(file, size)
      await file.chmod(mode & 0o555)
      await file.sync()
      entries.push({ path, kind: (mode & 0o100) === 0 ? 'file' : 'program', size, digest })
    } finally {
      await file.close()
    }
  })
  for (const folder of scanned.folders.toReversed()) await chmod(folder, 0o555)
  return entries
}

/** pnpm links packages to one store for all projects: written to there, it would change here; made read-only here, there. */
async function unshare(path: string): Promise<void> {
  const copy = `${path}.own`
  await copyFile(path, copy, constants.COPYFILE_EXCL)
  await rename(copy, path)
}
