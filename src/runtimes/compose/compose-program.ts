import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { dockerEnvironment } from '../../docker/docker-environment.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../../ports/command-runner.ts'

export interface ComposeProgramSettings {
  /** Named in the configuration; null: looked for. */
  program: string | null
  /** DOCKER_HOST: Compose must speak to the same engine as we do. */
  engine: string
  env: Readonly<Record<string, string | undefined>>
}

/** Where Docker looks for `docker compose`, besides the user's own folder. */
const PLUGIN_FOLDERS = [
  '/usr/local/lib/docker/cli-plugins',
  '/usr/local/libexec/docker/cli-plugins',
  '/usr/lib/docker/cli-plugins',
  '/usr/libexec/docker/cli-plugins',
]

export interface RunOptions {
  input?: string
  cwd?: string
  timeoutMs: number
  signal?: AbortSignal
  /** Added to what every run has. */
  env?: Record<string, string>
}

/** The user's own Compose: `docker compose` where it is installed, else docker-compose 1. */
export class ComposeProgram {
  readonly #settings: ComposeProgramSettings
  readonly #runner: CommandRunner
  #words: readonly [string, ...string[]] | null = null

  constructor(settings: ComposeProgramSettings, runner: CommandRunner) {
    this.#settings = settings
    this.#runner = runner
  }

  /** `['docker', 'compose']` or the path of docker-compose; null: there is none. */
  async locate(): Promise<readonly [string, ...string[]] | null> {
    this.#words ??= await this.#find()
    return this.#words
  }

  async #find(): Promise<readonly [string, ...string[]] | null> {
    const { program, env } = this.#settings
    if (program !== null) return (await canRun(program)) ? [program] : null
    const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
    const docker = await firstToRun(folders.map((folder) => join(folder, 'docker')))
    const own = env.DOCKER_CONFIG ?? join(env.HOME ?? '/nonexistent', '.docker')
    const plugin = await firstToRun(
      [join(own, 'cli-plugins'), ...PLUGIN_FOLDERS].map((at) => join(at, 'docker-compose')),
    )
    if (docker !== null && plugin !== null) return [docker, 'compose']
    const old = await firstToRun(folders.map((folder) => join(folder, 'docker-compose')))
    return old === null ? null : [old]
  }

  async run(args: readonly string[], options: RunOptions): Promise<CommandResult> {
    const words = await this.locate()
    if (words === null) throw new OperatorError('RUNTIME_MISSING', NO_COMPOSE)
    const [program, ...before] = words
    const { env, ...rest } = options
    return this.#runner.run({
      program,
      args: [...before, ...args],
      env: { ...this.environment(), ...env },
      ...rest,
    })
  }

  /** @throws OperatorError RUNTIME_FAILED with what Compose printed */
  async runOrFail(args: readonly string[], options: RunOptions): Promise<CommandResult> {
    const result = await this.run(args, options)
    if (result.outcome === 'exited' && result.exitCode === 0) return result
    if (result.outcome === 'aborted') options.signal?.throwIfAborted()
    const printed = result.stderr.trim().split('\n').slice(-5)
    const detail = result.outcome === 'exited' ? `exit code ${result.exitCode}` : result.outcome
    const verb = args.find((arg) => ['up', 'config'].includes(arg)) ?? ''
    throw new OperatorError(
      'RUNTIME_FAILED',
      { operation: `docker compose ${verb}`, detail },
      { details: printed },
    )
  }

  environment(): Record<string, string> {
    const { env, engine } = this.#settings
    return dockerEnvironment(env, engine)
  }
}

export const NO_COMPOSE = {
  detail: 'neither "docker compose" nor docker-compose is there',
  fix: 'install the Compose plugin (or docker-compose 1.29), or set runtime.program in the configuration',
}

async function firstToRun(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) if (await canRun(path)) return path
  return null
}

async function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
