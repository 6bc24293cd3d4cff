import { setTimeout as pause } from 'node:timers/promises'
import { findTree } from './belonging.mjs'
import { isRunning, listProcesses } from './process-table.mjs'

/** Asks a process to end with `signal` and waits; after `graceMs` it is killed. Says whether it is gone. */
export async function endProcess(identity, { signal = 'SIGKILL', graceMs = 5000 } = {}) {
  send(identity, signal)
  if (await isGoneWithin(identity, graceMs)) return true
  send(identity, 'SIGKILL')
  return isGoneWithin(identity, 5000)
}

/**
 * Kills a process and all that it started. Parents first: a supervisor that is alive would start its children again.
 * Says whether all of them are gone.
 */
export async function endTree(identity) {
  if (!isRunning(identity)) return true
  const tree = findTree(listProcesses(), identity.pid)
  const gone = []
  for (const process of tree) gone.push(await endProcess(process))
  return gone.every(Boolean)
}

function send(identity, signal) {
  if (!isRunning(identity)) return
  try {
    process.kill(identity.pid, signal)
  } catch {
    // ended in between
  }
}

async function isGoneWithin(identity, ms) {
  const giveUpAt = Date.now() + ms
  while (isRunning(identity)) {
    if (Date.now() >= giveUpAt) return false
    await pause(5)
  }
  return true
}
