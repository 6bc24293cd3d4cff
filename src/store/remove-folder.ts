import { chmod, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Also what was sealed: nothing can be taken out of a folder without the right to write in it. */
export async function removeFolder(path: string): Promise<void> {
  await unlock(path)
  // Tried again for a while: what a killed build left running may still be writing in it.
  await rm(path, { recursive: true, force: true, maxRetries: 5 })
}

async function unlock(path: string): Promise<void> {
  try {
    await chmod(path, 0o755)
  } catch {
    // Not there, or not ours: rm says which.
    return
  }
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (entry.isDirectory()) await unlock(join(path, entry.name))
  }
}
