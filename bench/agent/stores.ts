import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { StoreService } from '../../lab/store-service.ts'
import { waitUntil } from '../../lab/wait-until.ts'

const REGISTER = fileURLToPath(new URL('../../dist/agent/register.cjs', import.meta.url))

export type RunningStore = {
  url: string
  /** Processor time it has used so far, ms; null where the system does not say. */
  cpuMs(): Promise<number | null>
}

/** One process, plain node: nothing but the agent is different. */
export async function startStore(
  store: StoreService,
  folder: string,
  withAgent: boolean,
): Promise<RunningStore> {
  const { lab } = store
  const port = await lab.freePort()
  const run = join(lab.dir, `agent-${port}`)
  await mkdir(run, { mode: 0o700 })
  const agent = withAgent ? { LASTGOOD_RELEASE: 'r1', LASTGOOD_RUN: run } : {}
  const child = spawn(process.execPath, [...(withAgent ? ['--require', REGISTER] : []), 'dist/index.js'], {
    cwd: folder,
    env: { ...store.env, ...agent, NODE_ENV: 'production', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
  const { pid } = child
  if (pid === undefined) throw new Error('the store could not be started')
  lab.watch(pid)
  lab.onClose(() => child.kill('SIGKILL'))
  const url = `http://127.0.0.1:${port}/categories`
  await waitUntil(async () => (await fetch(url)).ok, { what: `the store on port ${port}` })
  // The agent never takes an app down: without its socket it is switched off, and there would be nothing to measure.
  if (withAgent && (await readdir(run)).length === 0) throw new Error('the agent did not start')
  return { url, cpuMs: () => cpuOf(pid) }
}

/** Ticks of 10 ms, in user mode and in the kernel. */
async function cpuOf(pid: number): Promise<number | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * 10
}
