import { constants, setPriority } from 'node:os'
import { isatty } from 'node:tty'
import type { Output, World } from './world.ts'

export function realWorld(): World {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    ask: isatty(0) && isatty(1) ? askOnTerminal : null,
    hurry,
    onInterrupt,
  }
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // A reader that has gone away (`lastgood status | head -1`) is no reason to die in the middle of a rollback.
  stream.on('error', () => {})
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? 80
    },
  }
}

function hurry(): void {
  try {
    setPriority(constants.priority.PRIORITY_HIGH)
  } catch {
    // Only root may, and without it all is as it always was.
  }
}

async function askOnTerminal(question: string): Promise<string> {
  const { createInterface } = await import('node:readline/promises')
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    // Ctrl-C and Ctrl-D close the prompt without an answer, and no answer is no.
    const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')))
    return await Promise.race([terminal.question(question), closed])
  } finally {
    terminal.close()
  }
}

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** The first is a request; with the second, the signal's own default takes its course. */
function onInterrupt(callback: () => void): () => void {
  const listener = () => {
    stop()
    callback()
  }
  const stop = () => {
    for (const signal of SIGNALS) process.off(signal, listener)
  }
  for (const signal of SIGNALS) process.on(signal, listener)
  return stop
}
