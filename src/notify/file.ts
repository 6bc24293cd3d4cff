import { mkdir, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { oneLine, plainText } from '../domain/notify/message-text.ts'
import type { FileSettings } from '../domain/notify/notify-configuration.ts'
import type { InsideSink } from '../ports/sink.ts'
import { retry } from './http.ts'

/** How far back a message is looked for that may have been written before. */
const TAIL = 256 * 1024

/** One JSON line for each message. What is there already is not written again; half a line of a killed run is ended. */
export function fileSink({ name, path, reader }: FileSettings): InsideSink {
  return {
    name,
    kind: 'file',
    reach: 'inside',
    reader,
    async deliver(message) {
      const { id, occasion, incident, drill, facts, text } = message
      const line = JSON.stringify({ id, occasion, incident, drill, at: facts.at, text: plainText(text) })
      try {
        await mkdir(dirname(path), { recursive: true })
        const file = await open(path, 'a+', 0o600)
        try {
          const tail = await readTail(file)
          const start = JSON.stringify({ id }).slice(0, -1)
          if (tail.split('\n').some((one) => one.startsWith(`${start},`) && one.endsWith('}')))
            return confirmed('was there already')
          await file.appendFile(`${tail === '' || tail.endsWith('\n') ? '' : '\n'}${line}\n`)
          await file.datasync()
        } finally {
          await file.close()
        }
        return confirmed('written')
      } catch (error) {
        return retry(error instanceof Error ? oneLine(error.message, 160) : 'cannot be written')
      }
    },
  }
}

function confirmed(note: string) {
  return { outcome: 'confirmed' as const, afterMs: null, receipt: null, note }
}

async function readTail(file: Awaited<ReturnType<typeof open>>): Promise<string> {
  const { size } = await file.stat()
  const length = Math.min(size, TAIL)
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
  return buffer.toString('utf8')
}
