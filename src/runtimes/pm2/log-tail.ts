import { open, stat } from 'node:fs/promises'

/** More than any screen shows; a log may have grown for months. */
const MOST_BYTES = 64 * 1024

export async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0
}

/** The last lines of what was written to a log after its first `from` bytes. Empty when there is none. */
export async function tail(path: string, lines: number, from = 0): Promise<string[]> {
  const file = await open(path, 'r').catch(() => null)
  if (file === null) return []
  try {
    const { size } = await file.stat()
    // A log that is shorter than it was has been rotated: all of it is new.
    const start = Math.max(size < from ? 0 : from, size - MOST_BYTES)
    const buffer = Buffer.alloc(Math.max(0, size - start))
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start)
    const text = buffer.toString('utf8', 0, bytesRead).trimEnd()
    return text
      .split('\n')
      .slice(-lines)
      .filter((line) => line !== '')
  } catch {
    return []
  } finally {
    await file.close()
  }
}
