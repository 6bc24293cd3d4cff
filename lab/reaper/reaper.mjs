/**
 * Outlives the process that opened a lab, and cleans up behind it, also when that one was killed with SIGKILL.
 *
 * It holds one end of a pipe. Over it come the processes to end, a JSON line each: `{pid, started, signal, graceMs}`. When
 * the other end is closed, by `close()` or by the kernel because its owner died, it ends
 *   1. what was registered, newest first, only if pid and start time are both still the same;
 *   2. what carries the lab's mark in its environment: covers what was started but not yet registered;
 * removes the folder and what engines have left in the kernel, and leaves. Exit code 1: something could not be ended or removed.
 */
import { rm } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { removeTraces } from '../docker/traces.mjs'
import { findMarked } from './belonging.mjs'
import { endProcess } from './ending.mjs'
import { listProcesses } from './process-table.mjs'

const dir = process.argv[2]
// A signal for the whole group or service is the owner's business; this one leaves when the owner is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

const registered = []
for await (const line of createInterface({ input: process.stdin })) registered.push(JSON.parse(line))

const processes = registered.filter(({ traces }) => traces === undefined)
for (const { pid, started, signal, graceMs } of processes.reverse()) {
  await endProcess({ pid, started }, { signal, graceMs })
}
const left = await endMarked()
for (const { traces } of registered) if (traces !== undefined) await removeTraces(traces)
await rm(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })
process.exitCode = left === 0 ? 0 : 1

/** Again and again: what is ended first may have started something in its last moment. */
async function endMarked() {
  let marked = []
  for (let round = 0; round < 50; round++) {
    const others = listProcesses().filter(({ pid }) => pid !== process.pid)
    marked = findMarked(others, dir)
    if (marked.length === 0) return 0
    for (const found of marked) await endProcess(found)
  }
  return marked.length
}
