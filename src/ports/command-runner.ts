/** The only way to a child process. Argument arrays, never a shell string made of data. */
export interface CommandRunner {
  /** Never throws for a program that ran and failed: look at `outcome`. */
  run(command: Command): Promise<CommandResult>
}

export interface Command {
  program: string
  args: readonly string[]
  cwd?: string
  /** The whole environment of the child: nothing is inherited. */
  env: Readonly<Record<string, string>>
  timeoutMs: number
  /** What it reads from its standard input; nothing: it is at its end. */
  input?: string
  /** Appends stdout and stderr to this file as well. */
  logFile?: string
  /** Left out of the log file, line by line. */
  secrets?: readonly string[]
  signal?: AbortSignal
}

export interface CommandResult {
  outcome: 'exited' | 'timed-out' | 'aborted' | 'not-found'
  exitCode: number | null
  stdout: string
  stderr: string
  ms: number
}
