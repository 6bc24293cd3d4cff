// Plain JavaScript, no dependency: the reaper uses it too.
import { execFile } from 'node:child_process'
import { readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Removes the bridges of an engine that has ended, by their addresses, and its control groups. */
export async function removeTraces({ net, group }) {
  const { stdout } = await run('ip', ['-o', '-4', 'addr', 'show']).catch(() => ({ stdout: '' }))
  for (const line of stdout.split('\n')) {
    const [, name, address] = /^\d+: (\S+)\s+inet (\S+)/.exec(line) ?? []
    // A swarm has one more, under a fixed name.
    if (/^(br-|docker_gwbridge$)/.test(name ?? '') && address?.startsWith(net))
      await run('ip', ['link', 'delete', name]).catch(() => {})
  }
  const root = '/sys/fs/cgroup'
  for (const controller of ['', ...folders(root)]) removeGroup(join(root, controller, group))
}

/** Control groups are folders that hold folders; the files in them are not files. */
function removeGroup(path) {
  for (const child of folders(path)) removeGroup(join(path, child))
  try {
    rmdirSync(path)
  } catch {
    // Not there, or a process is still leaving it.
  }
}

function folders(path) {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
  } catch {
    return []
  }
}
