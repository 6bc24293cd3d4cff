// Plain JavaScript, no dependency: the reaper must start at once and work while the rest is broken.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

const HAS_PROC = existsSync('/proc/self/stat')

/** Linux: pid, state, parent and start time out of /proc/<pid>/stat. The name may hold spaces and brackets. */
export function parseStat(text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return { pid: Number.parseInt(text, 10), state: fields[0], parent: Number(fields[1]), started: fields[19] }
}

/** Elsewhere: one line of `ps -o pid=,ppid=,state=,lstart=,command=`. `lstart` is five words. */
export function parsePsLine(line) {
  const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+((?:\S+\s+){4}\S+)\s*(.*)$/.exec(line)
  if (!match) return undefined
  const [, pid, parent, state, started, command] = match
  return { pid: Number(pid), parent: Number(parent), state, started: started.replace(/\s+/g, ' '), command }
}

/** Every process that runs, without those that have ended and only wait for a parent to notice. */
export function listProcesses() {
  const all = HAS_PROC ? listFromProc() : listFromPs()
  return all.filter((process) => !hasEnded(process))
}

/** The one that has this pid now, where it still runs. */
export function findProcess(pid) {
  const found = HAS_PROC ? readProc(pid) : listFromPs([`-p${pid}`])[0]
  return !found || hasEnded(found) ? undefined : found
}

/** The command lines of all processes, for who looks again and again. */
export function listCommands() {
  if (!HAS_PROC) return listFromPs().map(({ command }) => command)
  return listPids().map((pid) => readText(pid, 'cmdline').replaceAll('\0', ' ').trim())
}

/** Who has this pid now: a pid can be given out again, a pid with its start time cannot. */
export function identify(pid) {
  const found = HAS_PROC ? parseStat(readText(pid, 'stat')) : listFromPs([`-p${pid}`])[0]
  if (!found?.started || hasEnded(found)) return undefined
  return { pid, started: found.started }
}

/**
 * A process whose first thread has ended is shown as a zombie while its other threads are still on their way out, and until
 * the last of them is gone its sockets are open: somebody who connects is still answered.
 */
function hasEnded({ pid, state }) {
  if (state.startsWith('X')) return true
  return state.startsWith('Z') && threadsOf(pid).length <= 1
}

function threadsOf(pid) {
  try {
    return readdirSync(`/proc/${pid}/task`)
  } catch {
    return [] // gone, or no /proc to ask
  }
}

export function isRunning({ pid, started }) {
  return identify(pid)?.started === started
}

const listPids = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name))

function listFromProc() {
  return listPids()
    .map((pid) => readProc(pid))
    .filter((found) => found !== undefined)
}

function readProc(pid) {
  const stat = readText(pid, 'stat')
  if (!stat) return undefined
  return {
    ...parseStat(stat),
    command: readText(pid, 'cmdline').replaceAll('\0', ' ').trim(),
    environment: readText(pid, 'environ').split('\0'),
    folder: readFolder(pid),
  }
}

function readText(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return '' // gone, or not ours to read
  }
}

function readFolder(pid) {
  try {
    return readlinkSync(`/proc/${pid}/cwd`)
  } catch {
    return ''
  }
}

/** `-E` shows the environment behind the command, of our own processes only. */
function listFromPs(which = ['-A']) {
  const columns = 'pid=,ppid=,state=,lstart=,command='
  const read = (flags) => {
    try {
      return execFileSync('ps', [...which, '-ww', ...flags, '-o', columns], { encoding: 'utf8' })
    } catch {
      return ''
    }
  }
  const found = read(['-E']) || read([])
  return found
    .split('\n')
    .map(parsePsLine)
    .filter((line) => line !== undefined)
    .map((line) => ({ ...line, environment: line.command.split(' '), folder: '' }))
}
