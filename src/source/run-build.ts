import { appendFile } from 'node:fs/promises'
import type { CommandRunner } from '../ports/command-runner.ts'
import { buildFailure } from './build-failure.ts'
import { succeeded } from './run-git.ts'

/** Longer than any install and build that somebody waits for; it ends one that hangs. */
const timeoutMs = 20 * 60_000

export interface BuildPlace {
  directory: string
  logFile: string
  env: Record<string, string>
}

/** The configured commands, one after the other. @throws OperatorError BUILD_FAILED, DISK_FULL, INTERRUPTED */
export async function runBuild(
  runner: CommandRunner,
  commands: readonly (readonly string[])[],
  place: BuildPlace,
  signal: AbortSignal,
): Promise<void> {
  for (const words of commands) {
    const [program, ...args] = words
    if (program === undefined) continue
    const line = words.join(' ')
    await appendFile(place.logFile, `$ ${line}\n`)
    const { directory: cwd, logFile, env } = place
    const result = await runner.run({ program, args, cwd, env, timeoutMs, logFile, signal })
    if (!succeeded(result)) throw await buildFailure(line, result, place)
  }
}
