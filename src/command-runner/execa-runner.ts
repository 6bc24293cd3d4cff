import { stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { systemCode } from '../errors/operator-error.ts'
import type { Command, CommandResult, CommandRunner } from '../ports/command-runner.ts'
import { followChild } from './follow-child.ts'
import { LogFile } from './log-file.ts'

/**
 * Runs programs with execa: no shell, nothing inherited, in a process group of their own.
 * A program ended by a signal has the exit code a shell gives it (128 + signal). `not-found` is the program, and
 * `stderr` says why; a `cwd` that is not there is thrown, with code ENOENT, and so is a log file that cannot be written.
 */
export class ExecaRunner implements CommandRunner {
  async run(command: Command): Promise<CommandResult> {
    const { cwd, logFile, signal } = command
    if (cwd !== undefined) await assertFolder(cwd)
    // execa takes 100 ms to import, and a look at the status starts nothing.
    const { execa } = await import('execa')

    const started = performance.now()
    const elapsed = () => Math.round(performance.now() - started)
    if (signal?.aborted) return { outcome: 'aborted', exitCode: null, stdout: '', stderr: '', ms: 0 }
    const log = logFile === undefined ? null : new LogFile(logFile, command.secrets)
    try {
      const child = execa(command.program, command.args, {
        ...(cwd === undefined ? {} : { cwd }),
        env: { ...command.env },
        extendEnv: false,
        ...(command.input === undefined ? { stdin: 'ignore' } : { input: command.input }),
        buffer: false,
        reject: false,
        cleanup: false,
        detached: true,
      })
      if (child.pid === undefined) {
        const stderr = whyNotStarted(command.program, (await child).cause)
        return { outcome: 'not-found', exitCode: null, stdout: '', stderr, ms: elapsed() }
      }
      const seen = await followChild(child, child.pid, command, log)
      const { exitCode, signalCode } = child
      return {
        ...seen,
        exitCode: signalCode === null ? exitCode : 128 + constants.signals[signalCode],
        ms: elapsed(),
      }
    } finally {
      log?.close()
    }
  }
}

async function assertFolder(path: string): Promise<void> {
  const about = await stat(path)
  if (!about.isDirectory()) throw Object.assign(new Error(`${path} is not a folder`), { code: 'ENOTDIR' })
}

/** Anything but a program that is not there or cannot be run is no answer: too many processes, too long a list. */
function whyNotStarted(program: string, cause: unknown): string {
  if (systemCode(cause) === 'ENOENT') return `${program}: no such program`
  if (systemCode(cause) === 'EACCES' || systemCode(cause) === 'ENOTDIR') return `${program}: cannot be run`
  throw cause
}
