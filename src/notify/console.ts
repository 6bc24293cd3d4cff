import { plainLines } from '../domain/notify/message-text.ts'
import type { ConsoleSettings } from '../domain/notify/notify-configuration.ts'
import type { InsideSink } from '../ports/sink.ts'

/** On the screen of whoever runs the command. */
export function consoleSink({ name, reader }: ConsoleSettings, say: (lines: string[]) => void): InsideSink {
  return {
    name,
    kind: 'console',
    reach: 'inside',
    reader,
    async deliver({ text }) {
      say([`» ${text.title}`, ...plainLines(text.lines).map((line) => `  ${line}`.trimEnd())])
      return { outcome: 'confirmed', afterMs: null, receipt: null, note: 'shown' }
    },
  }
}
