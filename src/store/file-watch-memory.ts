import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OperatorError, systemCode } from '../errors/operator-error.ts'
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
      const body = JSON.stringify(memory)
      try {
        if (!made) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        made = true
        // Beside, then renamed: a kill leaves the old one. Not synced, which would cost a disk write every second.
        await writeFile(`${path}.writing`, `${digestOf(body)}\n${body}`, { mode: 0o600 })
        await rename(`${path}.writing`, path)
      } catch (error) {
        if (systemCode(error) !== 'ENOSPC') throw error
        throw new OperatorError(
          'DISK_FULL',
          { what: "the watch's memory", path: dirname(path) },
          { cause: error },
        )
      }
    },
  }
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
