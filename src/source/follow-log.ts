import { open } from 'node:fs/promises'

const everyMs = 150
const newLine = 10

/** Hands on each new whole line of a file that grows. The returned function stops it, after the last line. */
export function followLog(path: string, onLine: ((line: string) => void) | undefined): () => Promise<void> {
  if (onLine === undefined) return async () => undefined
  const show = onLine
  let at = 0
  // One read after the other: two at once would hand on the same lines twice.
  let reading = Promise.resolve()
  const next = (last: boolean) => {
    // What is shown is no part of the build: a log that cannot be read must not fail it.
    reading = reading.then(() => read(last)).catch(() => undefined)
    return reading
  }

  async function read(last: boolean): Promise<void> {
    const file = await open(path, 'r')
    try {
      const { size } = await file.stat()
      const fresh = Buffer.alloc(Math.max(0, size - at))
      const { bytesRead } = await file.read(fresh, 0, fresh.length, at)
      const end = last ? bytesRead : fresh.lastIndexOf(newLine, bytesRead - 1) + 1
      if (bytesRead === 0 || end === 0) return
      at += end
      for (const line of fresh.toString('utf8', 0, end).replace(/\n$/, '').split('\n')) show(line)
    } finally {
      await file.close()
    }
  }

  const timer = setInterval(() => void next(false), everyMs)
  return async () => {
    clearInterval(timer)
    await next(true)
  }
}
