import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command, CommandResult } from '../ports/command-runner.ts'
import type { LogFile } from './log-file.ts'
import { OutputTail } from './output-tail.ts'
import { ProcessGroup } from './process-group.ts'

/** Of each of stdout and stderr; the log file has everything. */
const MOST_BYTES = 1024 * 1024

/** How long output may still come after the end: a daemon that was left behind may hold the pipes for ever. */
const LAST_WORDS_MS = 500

/** Until the program has ended, by itself or not. Call it in the tick in which the child was started. */
export async function followChild(child: ChildProcess, pid: number, command: Command, log: LogFile | null) {
  const group = new ProcessGroup(pid)
  let outcome: CommandResult['outcome'] = 'exited'
  let logProblem: unknown = null

  const cut = (because: CommandResult['outcome']) => {
    if (outcome === 'exited') outcome = because
    group.end()
  }
  const collect = (chunk: Buffer, tail: OutputTail) => {
    tail.push(chunk)
    if (logProblem !== null) return
    try {
      log?.append(chunk)
    } catch (error) {
      logProblem = error
      group.end()
    }
  }
  const stdout = new OutputTail(MOST_BYTES)
  const stderr = new OutputTail(MOST_BYTES)
  child.stdout?.on('data', (chunk: Buffer) => collect(chunk, stdout))
  child.stderr?.on('data', (chunk: Buffer) => collect(chunk, stderr))

  const onAbort = () => cut('aborted')
  const timer = setTimeout(() => cut('timed-out'), command.timeoutMs)
  command.signal?.addEventListener('abort', onAbort, { once: true })
  const closed = once(child, 'close')
  try {
    await once(child, 'exit')
    group.leaderEnded()
    await Promise.race([closed, sleep(LAST_WORDS_MS, undefined, { ref: false })])
  } finally {
    clearTimeout(timer)
    command.signal?.removeEventListener('abort', onAbort)
    child.stdout?.destroy()
    child.stderr?.destroy()
  }
  if (logProblem !== null) throw logProblem
  return { outcome, stdout: stdout.text(), stderr: stderr.text() }
}
