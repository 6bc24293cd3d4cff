import { OperatorError } from '../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../ports/command-runner.ts'
import type { CallerEnvironment } from './caller-environment.ts'

export interface GitOptions {
  cwd?: string
  env?: Record<string, string>
  logFile?: string
  signal?: AbortSignal
}

export type RunGit = (args: string[], options?: GitOptions) => Promise<CommandResult>

/** Nothing of the caller's GIT_* variables: started from a hook, they would name another repository. */
export function createRunGit(runner: CommandRunner, caller: CallerEnvironment): RunGit {
  const env: Record<string, string> = {
    PATH: caller.PATH ?? '',
    HOME: caller.HOME ?? '/',
    // Its messages are read.
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
  }
  return async (args, options = {}) => {
    const command = { program: 'git', args, timeoutMs: 120_000 }
    const result = await runner.run({ ...command, ...options, env: { ...env, ...options.env } })
    if (result.outcome === 'not-found') throw new OperatorError('GIT_MISSING')
    return result
  }
}

export function succeeded(result: CommandResult): boolean {
  return result.outcome === 'exited' && result.exitCode === 0
}
