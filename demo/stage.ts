import { styleText } from 'node:util'

export type Tone = 'green' | 'red' | 'yellow' | 'cyan' | 'dim' | 'bold'

/** Where the demo is shown: a terminal, where one line can be rewritten, or anything else, where lines only follow. */
export type Stage = {
  /** What is about to be shown, and what of it is real. */
  introduce(title: string, about: readonly string[]): void
  line(text?: string): void
  paint(text: string, tone: Tone): string
  /** Calls `draw` once a second until the work is done: one rewritten line on a terminal, else a line every `plainEveryS`. */
  during<T>(work: Promise<T>, draw: (seconds: number) => string, plainEveryS?: number): Promise<T>
  /** Nothing is shown any more. */
  close(): void
}

export function openStage(out: NodeJS.WriteStream): Stage {
  const isTerminal = out.isTTY === true
  const colored = isTerminal && !process.env.NO_COLOR
  // `npm run demo | head` is no reason to leave servers behind.
  out.on('error', () => {})
  let closed = false
  /** A line that is rewritten stands on the screen. */
  let drawing = false
  const write = (text: string) => {
    if (!closed) out.write(text)
  }
  const stage: Stage = {
    line: (text = '') => write(`${drawing ? '\r\x1b[2K' : ''}${text}\n`),
    introduce(title, about) {
      stage.line(stage.paint(`lastgood: ${title}`, 'bold'))
      for (const line of about) stage.line(stage.paint(line, 'dim'))
    },
    close() {
      closed = true
    },
    paint: (text, tone) => (colored ? styleText(tone, text, { validateStream: false }) : text),
    async during(work, draw, plainEveryS = 5) {
      const startedAt = Date.now()
      const show = () => {
        const seconds = Math.round((Date.now() - startedAt) / 1000)
        if (isTerminal) write(`\r\x1b[2K${draw(seconds)}`)
        else if (seconds > 0 && seconds % plainEveryS === 0) stage.line(draw(seconds))
      }
      drawing = isTerminal
      if (isTerminal) show()
      const timer = setInterval(show, 1000)
      try {
        return await work
      } finally {
        clearInterval(timer)
        drawing = false
        if (isTerminal) write('\r\x1b[2K')
      }
    },
  }
  return stage
}
