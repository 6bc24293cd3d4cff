import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'

/** Read in one go below this; above it in pieces, so that a large file does not sit in memory. */
const inOneGo = 8 * 1024 * 1024

export async function digestFile(file: FileHandle, size: number): Promise<string> {
  if (size <= inOneGo) return digestText(await file.readFile())
  const hash = createHash('sha256')
  const piece = Buffer.allocUnsafe(inOneGo)
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(piece, 0, piece.length, at)
    if (bytesRead === 0) return hash.digest('hex')
    hash.update(piece.subarray(0, bytesRead))
    at += bytesRead
  }
}

export function digestText(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** Runs the work over all items, a few at a time: enough to keep the disk busy, few enough for the limit of open files. */
export async function forEachOf<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const rest = items.values()
  const lane = async () => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: 16 }, lane))
}
