import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Traces } from '../docker/traces.mjs'
import type { Ending } from './ending.mjs'
import { type Identity, identify } from './process-table.mjs'

export type Reaper = {
  pid: number
  /** Ends this process when its owner is gone: first with `signal`, after `graceMs` with SIGKILL. */
  watch(pid: number, ending?: Ending): Identity
  /** Removes this from the kernel, once the processes are gone. */
  sweep(traces: Traces): void
  /** Cleans up now, and waits until that is done. Fails when something could not be ended or removed. */
  finish(): Promise<void>
}

/** Starts the process that cleans up behind this one. `dir` belongs to it from now on. */
export function startReaper(dir: string): Reaper {
  const script = fileURLToPath(new URL('./reaper.mjs', import.meta.url))
  // Detached: a session of its own, where the Ctrl-C of our terminal does not reach it.
  const child = spawn(process.execPath, [script, dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: {},
    cwd: '/',
  })
  const { pid, stdin } = child
  const ended = once(child, 'exit')
  ended.catch(() => {}) // not started: the next line says so
  if (pid === undefined) throw new Error('the process that cleans up behind the lab could not be started')
  stdin.on('error', () => {}) // it was killed: finish() says so
  child.unref()
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref()

  return {
    pid,
    watch(watched, ending = {}) {
      const identity = identify(watched) ?? { pid: watched, started: 'ended' }
      stdin.write(`${JSON.stringify({ ...identity, ...ending })}\n`)
      return identity
    },
    sweep(traces) {
      stdin.write(`${JSON.stringify({ traces })}\n`)
    },
    async finish() {
      child.ref()
      stdin.end()
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`cleaning up ${dir} ended with ${code ?? signal}`)
    },
  }
}
