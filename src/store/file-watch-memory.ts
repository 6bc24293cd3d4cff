import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { WatchMemoryStore } from '../ports/watch-memory.ts'

/** One JSON file with the digest of what it holds: what is read back is what was written, or nothing. */
export function fileWatchMemory(path: string): WatchMemoryStore {
  let made = false
  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => null)
      if (text === null) return null
      const [digest = '', ...rest] = text.split('\n')
      const body = rest.join('\n')
      return digestOf(body) === digest ? JSON.parse(body) : null
    },
    async save(memory) {
      if (!made) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      made = true
      const body = JSON.stringify(memory)
      // Beside, then renamed: a kill leaves the old one. Not synced, which would cost a disk write every second.
      await writeFile(`${path}.writing`, `${digestOf(body)}\n${body}`, { mode: 0o600 })
      await rename(`${path}.writing`, path)
    },
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
