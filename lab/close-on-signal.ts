import { constants } from 'node:os'

type Closable = { close(): Promise<void> }

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const open = new Set<Closable>()

/** While a lab is open, Ctrl-C and its like close it before the process ends with 128 + the signal's number. */
export function closeOnSignal(lab: Closable): void {
  if (open.size === 0) for (const signal of SIGNALS) process.on(signal, closeAllAndExit)
  open.add(lab)
}

export function forgetClosed(lab: Closable): void {
  open.delete(lab)
  if (open.size === 0 && !exiting) for (const signal of SIGNALS) process.off(signal, closeAllAndExit)
}

/** One Ctrl-C can arrive twice: from the terminal, and passed on by `npm run` or `tsx`. */
const SAME_KEYPRESS_MS = 1000
let exiting = false
let askedAt = 0

async function closeAllAndExit(signal: (typeof SIGNALS)[number]): Promise<void> {
  const exitCode = 128 + constants.signals[signal]
  if (exiting) {
    // Asked a second time: no more waiting, the reaper cleans up behind us.
    if (Date.now() - askedAt > SAME_KEYPRESS_MS) process.exit(exitCode)
    return
  }
  exiting = true
  askedAt = Date.now()
  const closed = await Promise.allSettled([...open].map((lab) => lab.close()))
  for (const { reason } of closed.filter((each) => each.status === 'rejected')) console.error(String(reason))
  process.exit(exitCode)
}
