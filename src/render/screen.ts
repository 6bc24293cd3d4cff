import { styleText } from 'node:util'
import { maskText } from '../domain/mask.ts'
import type { OperatorError } from '../errors/operator-error.ts'
import type { Progress } from '../executor/execution.ts'
import type { Output, World } from '../world.ts'
import { describeEvidence } from './evidence-text.ts'
import { cut, formatMs } from './format.ts'

export type Tone = 'green' | 'red' | 'yellow' | 'dim' | 'bold'

const CLEAR_LINE = '\r\x1b[2K'

/** The one writer: everything a command says goes through here, and no secret passes. */
export class Screen {
  readonly #out: Output
  readonly #json: boolean
  readonly #color: boolean
  #secrets: readonly string[] = []
  #spinner: NodeJS.Timeout | null = null
  #started: number = 0
  #status: string | null = null

  constructor(world: Pick<World, 'stdout' | 'env'>, json: boolean) {
    this.#out = world.stdout
    this.#json = json
    this.#color = this.#out.isTerminal && !world.env.NO_COLOR
  }

  get width(): number {
    return this.#out.isTerminal ? Math.min(this.#out.columns, 100) : 80
  }

  hideSecrets(secrets: readonly string[]): void {
    this.#secrets = secrets
  }

  /** With --json only the document is printed. */
  lines(lines: readonly string[]): void {
    if (this.#json || lines.length === 0) return
    // The spinner draws its own line anew by itself.
    if (this.#status !== null || this.#spinner !== null) this.#write(CLEAR_LINE)
    for (const line of lines) this.#write(`${line}\n`)
    if (this.#status !== null && this.#spinner === null) this.#write(this.#status)
  }

  get isTerminal(): boolean {
    return this.#out.isTerminal
  }

  /**
   * One line that stays below all others and is drawn anew in place; null: no more. Nothing without a terminal. While a step
   * is at work, the step is what is shown there.
   */
  status(text: string | null): void {
    if (this.#json || !this.#out.isTerminal) return
    const before = this.#status
    this.#status = text === null ? null : cut(text, this.width - 1)
    if (this.#spinner !== null) return
    if (before !== null || text !== null) this.#write(CLEAR_LINE)
    if (this.#status !== null) this.#write(this.#status)
  }

  line(text: string, tone?: Tone): void {
    this.lines([tone === undefined ? text : this.paint(text, tone)])
  }

  /** What did not stop the command, and must be known. */
  warn(problem: OperatorError): void {
    this.line(`! ${problem.message}`, 'yellow')
    this.lines(problem.details.map((line) => `  ${line}`))
    this.line('! Going on with the configuration that what serves was built with.', 'yellow')
  }

  document(value: unknown): void {
    if (this.#json) this.#write(`${JSON.stringify(value, null, 2)}\n`)
  }

  paint(text: string, tone: Tone): string {
    // The screen decides, not the stream: it may be a test's.
    return this.#color ? styleText(tone, text, { validateStream: false }) : text
  }

  /** Steps with their times: rewritten in place on a terminal, plain lines elsewhere. */
  progress(progress: Progress): void {
    if (this.#json) return
    switch (progress.type) {
      case 'step-started':
        this.#start(progress.step.kind)
        break
      case 'step-succeeded': {
        const found = progress.observed ? 'found done; ' : ''
        this.#end('✓', 'green', progress.step.kind, progress.ms, found + describeEvidence(progress.evidence))
        break
      }
      case 'step-failed': {
        const tone = progress.optional ? 'yellow' : 'red'
        this.#end(progress.optional ? '!' : '✗', tone, progress.step.kind, progress.ms, progress.message)
        break
      }
      case 'step-undone':
        this.#end('↩', 'yellow', progress.step.kind, progress.ms, 'put back')
        break
      case 'putting-back':
        this.#stopSpinner()
        this.line('  Putting back what was begun:', 'yellow')
        break
      case 'line':
        break
    }
  }

  #start(kind: string): void {
    this.#started = Date.now()
    if (!this.#out.isTerminal) return
    this.#stopSpinner()
    const frames = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏'
    let frame = 0
    const draw = () => {
      frame = (frame + 1) % frames.length
      this.#write(
        `${CLEAR_LINE}  ${frames[frame]} ${kind.padEnd(16)} ${formatMs(Date.now() - this.#started)}`,
      )
    }
    draw()
    this.#spinner = setInterval(draw, 100)
    this.#spinner.unref()
  }

  #end(mark: string, tone: Tone, kind: string, ms: number, detail: string): void {
    this.#stopSpinner()
    const head = `${kind.padEnd(16)} ${formatMs(ms).padStart(8)}  `
    this.line(
      `  ${this.paint(mark, tone)} ${head}${cut(detail.split('\n')[0] ?? '', this.width - head.length - 4)}`,
    )
  }

  #stopSpinner(): void {
    if (this.#spinner === null) return
    clearInterval(this.#spinner)
    this.#spinner = null
    this.#write(CLEAR_LINE)
  }

  #write(text: string): void {
    this.#out.write(maskText(text, this.#secrets))
  }
}
