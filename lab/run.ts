import { constants } from 'node:os'
import { execa } from 'execa'

export type RunOptions = {
  cwd?: string
  /** The whole environment of the program; without it the program gets ours. */
  env?: Record<string, string>
  /** Milliseconds until the program is killed and the call fails. */
  timeoutMs?: number
  input?: string
  uid?: number
  gid?: number
  /** Called as soon as the program runs. */
  onSpawn?: (pid: number) => void
}

export type Ran = { stdout: string; stderr: string; exitCode: number; ms: number }

/**
 * Runs a program to its end: an argument array, never a shell. A non-zero exit code is an answer (a signal counts as
 * 128 + its number, as in a shell); a program that cannot be started or does not end in time is an error.
 */
export async function run(file: string, args: string[], options: RunOptions = {}): Promise<Ran> {
  const { env, timeoutMs = 60_000, input, onSpawn, ...rest } = options
  const running = execa(file, args, {
    ...rest,
    ...(env ? { env, extendEnv: false } : {}),
    ...(input === undefined ? { stdin: 'ignore' } : { input }),
    reject: false,
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  if (running.pid !== undefined) onSpawn?.(running.pid)
  const result = await running
  const command = [file, ...args].join(' ')
  if (result.timedOut) throw new Error(`"${command}" did not end within ${timeoutMs} ms\n${result.stderr}`)
  const exitCode = result.exitCode ?? (result.signal ? 128 + constants.signals[result.signal] : undefined)
  if (exitCode === undefined) throw new Error(`"${command}" could not be started`, { cause: result.cause })
  return { stdout: result.stdout, stderr: result.stderr, exitCode, ms: Math.round(result.durationMs) }
}

/** The same, for programs whose failure is always the end of the story. Returns what it printed. */
export async function runOrFail(file: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { stdout, stderr, exitCode } = await run(file, args, options)
  if (exitCode !== 0)
    throw new Error(`"${file} ${args.join(' ')}" ended with ${exitCode}\n${stderr || stdout}`)
  return stdout
}
