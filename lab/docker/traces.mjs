// Plain JavaScript, no dependency: the reaper uses it too.
import { execFile } from 'node:child_process'
import { existsSync, readdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A process that was killed may still be on its way out of its control group. */
const GROUP_TRIES = 20
const GROUP_PAUSE_MS = 100

/** Removes the bridges of an engine that has ended, by their addresses, what is plugged into them, and its control groups. */
export async function removeTraces({ net, group }) {
  const { stdout } = await run('ip', ['-o', '-4', 'addr', 'show']).catch(() => ({ stdout: '' }))
  for (const line of stdout.split('\n')) {
    const [, name, address] = /^\d+: (\S+)\s+inet (\S+)/.exec(line) ?? []
    // A swarm has one more, under a fixed name.
    if (/^(br-|docker_gwbridge$)/.test(name ?? '') && address?.startsWith(net)) await removeBridge(name)
  }
  const root = '/sys/fs/cgroup'
  const groups = ['', ...folders(root)].map((controller) => join(root, controller, group))
  for (let tries = 0; tries < GROUP_TRIES; tries += 1) {
    for (const path of groups) removeGroup(path)
    if (!groups.some((path) => existsSync(path))) return
    await pause(GROUP_PAUSE_MS)
  }
}

/** A connection that was cut keeps a container's network for minutes, and with it the end of its cable that is here. */
async function removeBridge(name) {
  const { stdout } = await run('ip', ['-o', 'link', 'show', 'master', name]).catch(() => ({ stdout: '' }))
  const ends = [...stdout.matchAll(/^\d+: ([^\s@:]+)/gm)].map(([, end]) => end)
  for (const link of [...ends, name]) await run('ip', ['link', 'delete', link]).catch(() => {})
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
