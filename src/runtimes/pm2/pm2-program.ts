import { access, constants, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { delimiter, join } from 'node:path'
import { OperatorError } from '../../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../../ports/command-runner.ts'
import type { RuntimeAvailability } from '../../ports/runtime.ts'
import { listArgs } from './commands.ts'
import { type Pm2Process, parseList } from './parse.ts'

export interface Pm2Settings {
  /** Named in the configuration; null: looked for. */
  program: string | null
  /** Where the project is: its node_modules is looked in before PATH. */
  project: string
  /** PM2_HOME. */
  home: string
  env: Readonly<Record<string, string | undefined>>
}

const LIST_TIMEOUT_MS = 20_000

/** The user's own pm2, run as a program. Its exit code and tick marks say only that it has ended. */
export class Pm2Program {
  readonly home: string
  readonly #settings: Pm2Settings
  readonly #runner: CommandRunner
  #path: string | null = null
  #before: Promise<void> = Promise.resolve()

  constructor(settings: Pm2Settings, runner: CommandRunner) {
    this.home = settings.home
    this.#settings = settings
    this.#runner = runner
  }

  async locate(): Promise<string | null> {
    this.#path ??= await findProgram(this.#settings)
    return this.#path
  }

  /** Looks for the daemon without waking it: every pm2 command would start one. */
  async available(): Promise<RuntimeAvailability> {
    if ((await this.locate()) === null) {
      const { program } = this.#settings
      const detail =
        program === null ? 'it is neither in node_modules nor on PATH' : `there is no program at ${program}`
      return { ok: false, code: 'RUNTIME_MISSING', detail }
    }
    const socket = join(this.home, 'rpc.sock')
    if (await answers(socket)) return { ok: true }
    return { ok: false, code: 'RUNTIME_DOWN', detail: `nothing listens on ${socket}` }
  }

  /** One at a time, each after the one before has ended: a start may still be on its way out when its instances are up. */
  async run(args: readonly string[], timeoutMs: number): Promise<CommandResult> {
    const program = await this.locate()
    if (program === null) throw new OperatorError('RUNTIME_MISSING', { detail: 'it is not installed' })
    const result = this.#before.then(() =>
      this.#runner.run({ program, args, env: this.#environment(), timeoutMs }),
    )
    this.#before = result.then(
      () => {},
      () => {},
    )
    return result
  }

  /** @throws OperatorError RUNTIME_FAILED with what pm2 printed */
  async runOrFail(args: readonly string[], timeoutMs: number): Promise<CommandResult> {
    const result = await this.run(args, timeoutMs)
    if (result.outcome === 'exited' && result.exitCode === 0) return result
    const printed = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-5)
    const detail = result.outcome === 'exited' ? `exit code ${result.exitCode}` : result.outcome
    throw new OperatorError('RUNTIME_FAILED', { operation: args[0] ?? '', detail }, { details: printed })
  }

  async list(): Promise<Pm2Process[]> {
    const availability = await this.available()
    if (!availability.ok) throw new OperatorError(availability.code, { detail: availability.detail })
    const result = await this.runOrFail(listArgs(), LIST_TIMEOUT_MS)
    const processes = parseList(result.stdout)
    if (processes !== null) return processes
    throw new OperatorError('RUNTIME_FAILED', { operation: 'jlist', detail: 'it printed no list' })
  }

  /** What pm2 needs and nothing else: whatever it is started with, it hands on to the apps. */
  #environment(): Record<string, string> {
    const wanted = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'TZ', 'TMPDIR']
    const kept = wanted.flatMap((name) => {
      const value = this.#settings.env[name]
      return value === undefined ? [] : [[name, value] as const]
    })
    return { ...Object.fromEntries(kept), PM2_HOME: this.home, PM2_DISABLE_VERSION_CHECK: 'true' }
  }
}

async function findProgram(settings: Pm2Settings): Promise<string | null> {
  if (settings.program !== null) return (await isProgram(settings.program)) ? settings.program : null
  const onPath = (settings.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const folders = [join(settings.project, 'node_modules', '.bin'), ...onPath]
  for (const folder of folders) {
    const path = join(folder, 'pm2')
    if (await isProgram(path)) return path
  }
  return null
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath)
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.setTimeout(1_000, () => end(false))
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
