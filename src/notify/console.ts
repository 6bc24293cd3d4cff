import { plainLines } from '../domain/notify/message-text.ts'
import type { ConsoleSettings } from '../domain/notify/notify-configuration.ts'
import type { InsideSink } from '../ports/sink.ts'
import { retry } from './http.ts'

/** False: nothing was shown. */
export type Say = (lines: string[]) => boolean

/** On the screen of whoever runs the command. */
export function consoleSink({ name, reader }: ConsoleSettings, say: Say): InsideSink {
  return {
    name,
    kind: 'console',
    reach: 'inside',
    reader,
    async deliver({ text }) {
      const said = say([`» ${text.title}`, ...plainLines(text.lines).map((line) => `  ${line}`.trimEnd())])
      if (!said) return retry('this command prints JSON and nothing else')
      return { outcome: 'confirmed', afterMs: null, receipt: null, note: 'shown' }
    },
  }
}
