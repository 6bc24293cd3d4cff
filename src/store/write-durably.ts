import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** The whole text or nothing, also when the power goes: written beside, synced, renamed. */
export async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const beside = `${path}.writing`
  // An older one might have looser rights, which opening it would keep.
  await rm(beside, { force: true })
  const file = await open(beside, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.chmod(mode)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  await syncFolder(dirname(path))
}

export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}
