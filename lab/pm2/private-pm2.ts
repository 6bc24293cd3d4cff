import { mkdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { endTree } from '../reaper/ending.mjs'
import { findProcess, type Identity, listProcesses } from '../reaper/process-table.mjs'
import { type Ran, type RunOptions, run } from '../run.ts'
import { type Pm2Process, parseJlist } from './parse-jlist.ts'

export type PrivatePm2 = {
  /** PM2_HOME */
  home: string
  /** The program: run, never imported. */
  bin: string
  /** All that PM2 and, through its daemon, the apps find in their environment. */
  env: Record<string, string>
  run(
    args: string[],
    options?: Pick<RunOptions, 'cwd' | 'timeoutMs'> & { env?: Record<string, string> },
  ): Promise<Ran>
  list(): Promise<Pm2Process[]>
  /** Ends the daemon and everything it runs, without asking them. */
  kill(): Promise<void>
}

export type Pm2Options = {
  /** Becomes PM2_HOME, and holds PM2's Unix sockets: keep it short. */
  home: string
  env?: Record<string, string>
  onSpawn?: (daemon: Identity) => void
}

const BIN = fileURLToPath(new URL('../../node_modules/.bin/pm2', import.meta.url))

/** A PM2 of our own, with a small and known environment. Its daemon is started by the first `run`. */
export function preparePm2({ home, env: more = {}, onSpawn }: Pm2Options): PrivatePm2 {
  mkdirSync(home, { recursive: true })
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env.PATH ?? '/usr/bin:/bin'}`,
    HOME: home,
    PM2_HOME: home,
    PM2_DISCRETE_MODE: 'true', // no banner
    ...more,
  }
  let daemon: Identity | undefined
  let first: Promise<Ran> | undefined

  async function runPm2(args: string[], options: Parameters<PrivatePm2['run']>[1] = {}): Promise<Ran> {
    const ran = await run(BIN, args, { ...options, env: { ...env, ...options.env } })
    const running = await findDaemon(home)
    if (running && running.started !== daemon?.started) onSpawn?.(running)
    daemon = running
    return ran
  }

  // The first command only starts the daemon, which keeps its environment: what a later command brings along for one app
  // must not be found by all of them. Two first commands at once would start two daemons: the others wait for the first.
  const runAfterFirst: PrivatePm2['run'] = async (args, options) => {
    first ??= runPm2(['ping'])
    await first
    return runPm2(args, options)
  }

  return {
    home,
    bin: BIN,
    env,
    run: runAfterFirst,
    async list() {
      return parseJlist((await runAfterFirst(['jlist'])).stdout)
    },
    async kill() {
      await first?.catch(() => {})
      first = undefined
      // Every daemon of this home: a command that lost its daemon half way may have started another beside it.
      for (const running of findDaemons(home)) {
        if (!(await endTree(running))) throw new Error(`PM2 in ${home} could not be ended`)
      }
    },
  }
}

/** Its pid file may be old and the pid somebody else's by now: only a process that uses this home is our daemon. */
async function findDaemon(home: string): Promise<Identity | undefined> {
  const pid = Number(await readFile(join(home, 'pm2.pid'), 'utf8').catch(() => ''))
  const found = findProcess(pid)
  return found?.environment.includes(`PM2_HOME=${home}`) ? found : undefined
}

function findDaemons(home: string): Identity[] {
  return listProcesses().filter(
    ({ command, environment }) =>
      /God Daemon|Daemon\.js/.test(command) && environment.includes(`PM2_HOME=${home}`),
  )
}
