import { access } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { OperatorError } from '../../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../../ports/command-runner.ts'

/** A tool that was run and did not do it, in its own words. Caught by who knows what is applied now. */
export class ToolFailure extends Error {}

export interface ToolRun {
  runner: CommandRunner
  /** Folder with our drivers. */
  drivers: string
  directory: string
  env: Record<string, string>
  timeoutMs: number
  signal?: AbortSignal
  logFile?: string
}

/** Runs one of our drivers with the packages of the release. Returns what it said last. */
export async function runDriver(
  run: ToolRun,
  driver: string,
  order: Record<string, unknown>,
  typescript: boolean,
): Promise<unknown> {
  const env = { ...run.env, LASTGOOD_MIGRATE: JSON.stringify(order) }
  const loader = typescript ? typescriptLoader(run.directory) : []
  const result = await start({ ...run, env }, process.execPath, [
    ...loader,
    join(run.drivers, `${driver}.mjs`),
  ])
  if (result.outcome === 'exited' && result.exitCode === 0) return saidLast(result.stdout)
  throw failureOf(driver, result)
}

/** A program of the release, else of the host. @throws OperatorError MIGRATION_TOOL_MISSING */
export async function runProgram(run: ToolRun, name: string, args: readonly string[]): Promise<string> {
  const own = join(run.directory, 'node_modules', '.bin', name)
  const program = (await isThere(own)) ? own : name
  const result = await start(run, program, args)
  if (result.outcome === 'exited' && result.exitCode === 0) return result.stdout
  if (result.outcome === 'not-found') throw new OperatorError('MIGRATION_TOOL_MISSING', { tool: name })
  throw failureOf(name, result)
}

function start(run: ToolRun, program: string, args: readonly string[]): Promise<CommandResult> {
  const { runner, directory, timeoutMs, signal, logFile } = run
  return runner.run({
    program,
    args,
    cwd: directory,
    env: { ...run.env, PATH: pathFor(run) },
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    ...(logFile === undefined ? {} : { logFile }),
  })
}

/** The release's own programs first, then the node that runs us: npm and node-based programs find it there. */
function pathFor({ directory, env }: ToolRun): string {
  const own = join(directory, 'node_modules', '.bin')
  return [own, dirname(process.execPath), env.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter)
}

/** tsx of the release, where it has it and node cannot read TypeScript by itself. */
function typescriptLoader(directory: string): string[] {
  try {
    const tsx = createRequire(join(directory, 'package.json')).resolve('tsx')
    return ['--import', pathToFileURL(tsx).href]
  } catch {
    return []
  }
}

function saidLast(stdout: string): unknown {
  const line = stdout.split('\n').findLast((candidate) => candidate.startsWith('@lastgood '))
  return line === undefined ? null : JSON.parse(line.slice('@lastgood '.length))
}

function failureOf(name: string, { outcome, exitCode, stdout, stderr, ms }: CommandResult): ToolFailure {
  if (outcome === 'timed-out') return new ToolFailure(`${name} was not done after ${Math.round(ms / 1000)} s`)
  if (outcome === 'aborted') return new ToolFailure(`${name} was interrupted`)
  const line = stderr.split('\n').findLast((candidate) => candidate.startsWith('@lastgood-error '))
  if (line !== undefined) return new ToolFailure(String(JSON.parse(line.slice('@lastgood-error '.length))))
  const words = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-6).join(' ').trim()
  return new ToolFailure(words === '' ? `${name} ended with exit code ${exitCode}` : words)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
