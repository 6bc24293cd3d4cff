import { access, constants, mkdir, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { userInfo } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { messageOf, OperatorError } from '../../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../../ports/command-runner.ts'
import type { RuntimeAvailability } from '../../ports/runtime.ts'
import { listArgs, type ProcessFile } from './commands.ts'
import { type Pm2Process, parseList, parseRows } from './parse.ts'
import { callDaemon, DaemonRefused, DaemonSilent } from './pm2-daemon.ts'
import { preparedApp } from './prepared-app.ts'

export interface Pm2Settings {
  /** Named in the configuration; null: looked for. */
  program: string | null
  /** Where the project is: its node_modules is looked in before PATH. */
  project: string
  /** PM2_HOME. */
  home: string
  env: Readonly<Record<string, string | undefined>>
}

const INSTALL = 'npm install -g pm2   or set runtime.program in the configuration'
const WAKE = 'with the same PM2_HOME: pm2 resurrect brings back what was saved, pm2 ping starts it empty'
const LIST_TIMEOUT_MS = 20_000
/** Versions whose daemon is spoken to directly; with any other the command is run. */
const KNOWN_VERSION = /^[567]\./

/**
 * The user's own pm2. What a rollback waits for (the list, a start) is asked of its daemon directly where that is known to
 * work; the rest is run as a command, whose exit code and tick marks say only that it has ended.
 */
export class Pm2Program {
  readonly home: string
  readonly #settings: Pm2Settings
  readonly #runner: CommandRunner
  #path: string | null = null
  #before: Promise<void> = Promise.resolve()
  #spoken: Promise<boolean> | null = null

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
      return {
        ok: false,
        code: 'RUNTIME_MISSING',
        detail: `the pm2 program cannot be run: ${detail}`,
        fix: INSTALL,
        startable: false,
      }
    }
    if (await answers(this.#socket())) return { ok: true }
    this.#spoken = null
    const detail = `the PM2 daemon does not answer: nothing listens on ${this.#socket()}`
    return { ok: false, code: 'RUNTIME_DOWN', detail, fix: WAKE, startable: true }
  }

  /** One at a time, each after the one before has ended: a start may still be on its way out when its instances are up. */
  async run(args: readonly string[], timeoutMs: number): Promise<CommandResult> {
    const program = await this.locate()
    if (program === null)
      throw new OperatorError('RUNTIME_MISSING', { detail: 'the pm2 program is not installed', fix: INSTALL })
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
    throw new OperatorError(
      'RUNTIME_FAILED',
      { operation: `pm2 ${args[0] ?? ''}`, detail },
      { details: printed },
    )
  }

  async list(): Promise<Pm2Process[]> {
    const availability = await this.available()
    if (!availability.ok)
      throw new OperatorError(availability.code, { detail: availability.detail, fix: availability.fix })
    const rows = (await this.#speaks()) ? await this.#call('getMonitorData', {}, LIST_TIMEOUT_MS) : null
    if (Array.isArray(rows)) return parseRows(rows)
    const result = await this.runOrFail(listArgs(), LIST_TIMEOUT_MS)
    const processes = parseList(result.stdout)
    if (processes !== null) return processes
    throw new OperatorError('RUNTIME_FAILED', { operation: 'pm2 jlist', detail: 'it printed no list' })
  }

  /**
   * Starts a process file's app as `pm2 start` would.
   * @returns false when only the command can: then nothing has been done
   * @throws OperatorError RUNTIME_FAILED; whether anything runs is then to be looked at
   */
  async start(file: ProcessFile, timeoutMs: number): Promise<boolean> {
    const prepared = preparedApp(file, this.home, userInfo().username)
    if (prepared === null || !(await this.#speaks())) return false
    for (const log of [prepared.pm_out_log_path, prepared.pm_err_log_path])
      await mkdir(dirname(log), { recursive: true })
    await this.#call('prepare', prepared, timeoutMs)
    return true
  }

  async #speaks(): Promise<boolean> {
    this.#spoken ??= callDaemon(this.#socket(), 'getVersion', {}, LIST_TIMEOUT_MS).then(
      (version) => KNOWN_VERSION.test(String(version)),
      () => false,
    )
    return this.#spoken
  }

  async #call(method: string, argument: object, timeoutMs: number): Promise<unknown> {
    try {
      return await callDaemon(this.#socket(), method, argument, timeoutMs)
    } catch (error) {
      if (!(error instanceof DaemonSilent || error instanceof DaemonRefused)) throw error
      throw new OperatorError(
        'RUNTIME_FAILED',
        { operation: `pm2 ${method}`, detail: messageOf(error) },
        { cause: error },
      )
    }
  }

  #socket(): string {
    return join(this.home, 'rpc.sock')
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
