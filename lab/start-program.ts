import { spawn } from 'node:child_process'
import { open } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Lab } from './open-lab.ts'
import { endProcess } from './reaper/ending.mjs'
import { identify } from './reaper/process-table.mjs'

/** A server of the lab's own, which ends with it, whatever happens to us. @param log where its output goes @returns its pid */
export async function startProgram(
  lab: Lab,
  file: string,
  args: string[],
  { log, ...options }: { log: string; cwd?: string; uid?: number; gid?: number },
): Promise<number> {
  const output = await open(log, 'w')
  const child = spawn(file, args, {
    ...options,
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: lab.env,
  })
  child.unref()
  await output.close()
  const identity = child.pid === undefined ? undefined : identify(child.pid)
  if (child.pid === undefined || !identity) throw new Error(`${basename(file)} did not start (${log})`)
  lab.watch(child.pid)
  lab.onClose(() => endProcess(identity, { signal: 'SIGTERM', graceMs: 2000 }))
  return child.pid
}
