import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

const EVERY_MS = 20

/** How long the disk makes somebody wait who writes four kilobytes now and then: what no way of restoring can be faster than. */
export async function watchDisk(folder: string): Promise<{ end(): Promise<number> }> {
  const path = join(folder, 'disk-watch')
  const file = await open(path, 'w')
  let going = true
  let longestMs = 0
  const watching = (async () => {
    while (going) {
      const started = performance.now()
      await file.write(Buffer.alloc(4096), 0, 4096, 0)
      await file.datasync()
      longestMs = Math.max(longestMs, performance.now() - started)
      await pause(EVERY_MS)
    }
  })()
  return {
    async end() {
      going = false
      await watching.finally(() => file.close())
      await rm(path)
      return Math.round(longestMs)
    },
  }
}
