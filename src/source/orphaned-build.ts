import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { ReleaseId } from '../domain/release.ts'

/** Every process of a build carries this variable, and no other process does. */
const variable = 'LASTGOOD_BUILD'
const patienceMs = 5_000

export function buildMark(home: string, service: string, release: ReleaseId): Record<string, string> {
  return { [variable]: `${home}:${service}:${release}` }
}

/**
 * Ends what is left of a build whose lastgood was killed. The race: npm lives on in a process group of its own and writes
 * into the folder that the next build of the same release has just emptied. Where there is no /proc nothing is found.
 */
export async function endOrphanedBuild(mark: Record<string, string>): Promise<void> {
  const wanted = `\0${variable}=${mark[variable]}\0`
  const deadline = performance.now() + patienceMs
  for (;;) {
    const orphans = await findProcesses(wanted)
    if (orphans.length === 0 || performance.now() > deadline) return
    for (const pid of orphans) kill(pid)
    await pause(10)
  }
}

async function findProcesses(wanted: string): Promise<number[]> {
  const names = await readdir('/proc').catch(() => [])
  const pids = names.filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      // Not ours to read, or gone meanwhile: no build of ours.
      const variables = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
      return `\0${variables}`.includes(wanted) ? [Number(pid)] : []
    }),
  )
  return found.flat().filter((pid) => pid !== process.pid)
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has just ended by itself.
  }
}
