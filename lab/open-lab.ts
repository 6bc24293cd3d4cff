import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { closeOnSignal, forgetClosed } from './close-on-signal.ts'
import type { Traces } from './docker/traces.mjs'
import { freePort } from './free-port.ts'
import { makeLabFolder } from './lab-folder.ts'
import { type PrivatePm2, preparePm2 } from './pm2/private-pm2.ts'
import { type Postgres, startPostgres } from './postgres/start-postgres.ts'
import { findWithin, MARK } from './reaper/belonging.mjs'
import type { Ending } from './reaper/ending.mjs'
import { listProcesses, type Process } from './reaper/process-table.mjs'
import { startReaper } from './reaper/start-reaper.ts'
import { waitUntil } from './wait-until.ts'

export type Lab = {
  name: string
  /** A temporary folder with a short path. It is removed with everything in it. */
  dir: string
  /** Add it to the environment of what you start: whoever carries it is ended with the lab, whatever happens to us. */
  env: Record<string, string>
  freePort(): Promise<number>
  /** The lab's own PostgreSQL: started by the first call. */
  postgres(options?: { sockets: boolean }): Promise<Postgres>
  /** The lab's own PM2: its daemon is started by the first command. */
  pm2(): PrivatePm2
  /** Have this process ended when we are gone without having closed the lab. */
  watch(pid: number, ending?: Ending): void
  /** Have what an engine leaves in the kernel removed when we are gone without having closed the lab. */
  sweep(traces: Traces): void
  /** Called by `close()`, newest first. */
  onClose(close: () => unknown): void
  /** Ends and removes everything. A process that is still there after all closers is ended too, and is an error. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/**
 * A place for real servers: a folder, PostgreSQL, PM2. It leaves no process and no file behind: not after `close()`, not
 * after Ctrl-C, and not when this process is killed, because a second process waits for its end (see reaper/).
 */
export async function openLab({ name }: { name: string }): Promise<Lab> {
  const dir = makeLabFolder()
  const reaper = startReaper(dir)
  const env = { [MARK]: dir, PM2_HOME: join(dir, 'pm2') }
  const closers: (() => unknown)[] = []
  let postgres: Promise<Postgres> | undefined
  let pm2: PrivatePm2 | undefined
  let closing: Promise<void> | undefined

  async function openPostgres(options: { sockets?: boolean } = {}): Promise<Postgres> {
    refuseWhenClosed()
    const onSpawn = (pid: number) => {
      reaper.watch(pid, { signal: 'SIGQUIT' }) // "immediate": unlike after SIGKILL, it gives its shared memory back
    }
    const server = await startPostgres({ dir: join(dir, 'postgres'), env, onSpawn, ...options })
    closers.push(server.stop)
    return server
  }

  function openPm2(): PrivatePm2 {
    refuseWhenClosed()
    const opened = preparePm2({ home: env.PM2_HOME, env, onSpawn: ({ pid }) => reaper.watch(pid) })
    closers.push(opened.kill)
    return opened
  }

  function refuseWhenClosed(): void {
    if (closing) throw new Error(`lab ${name} is closed: nothing can be started in it any more`)
  }

  async function closeAll(): Promise<void> {
    const errors: unknown[] = []
    const attempt = async (close: () => unknown) => {
      try {
        await close()
      } catch (error) {
        errors.push(error)
      }
    }
    // What is being started at this moment adds its closer when it is done.
    await postgres?.catch(() => {})
    for (const close of closers.toReversed()) await attempt(close)
    await attempt(() => refuseLeftovers(name, dir, reaper.pid))
    await attempt(reaper.finish)
    if (existsSync(dir)) errors.push(new Error(`lab ${name} could not remove ${dir}`))
    forgetClosed(lab)
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new AggregateError(errors, errors.map(String).join('\n'))
  }

  const lab: Lab = {
    name,
    dir,
    env,
    freePort,
    postgres: (options) => (postgres ??= openPostgres(options)),
    pm2: () => (pm2 ??= openPm2()),
    watch: (pid, ending) => void reaper.watch(pid, ending),
    sweep: (traces) => reaper.sweep(traces),
    onClose: (close) => void closers.push(close),
    close: () => (closing ??= closeAll()),
    [Symbol.asyncDispose]: () => lab.close(),
  }
  closeOnSignal(lab)
  return lab
}

/** A process that was told to end may need a moment; one that stays was forgotten by whoever started it. */
async function refuseLeftovers(name: string, dir: string, reaper: number): Promise<void> {
  let left: Process[] = []
  const none = () => {
    const ours = new Set([process.pid, reaper])
    const others = listProcesses().filter(({ pid }) => !ours.has(pid))
    left = findWithin(others, dir)
    return left.length === 0
  }
  await waitUntil(none, { what: 'the last processes', timeoutMs: 2000 }).catch(() => {
    const list = left.map(({ pid, command }) => `${pid} ${command}`).join('\n')
    throw new Error(
      `lab ${name} left ${left.length} process(es) behind, which should have been ended:\n${list}`,
    )
  })
}
