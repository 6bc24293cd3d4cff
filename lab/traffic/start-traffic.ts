import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { FromCrowd, Orders, ToCrowd } from './messages.ts'
import type { Mix } from './mix.ts'
import { NOTHING_YET, type Recent } from './recent.ts'
import { preciseNow, type Sample } from './sample.ts'

export type TrafficOptions = {
  url: string
  /** Requests a second. */
  rate: number
  /** Shoppers, each with a kept-alive connection and a session of its own. Default 40. */
  connections?: number
  /** Share of requests that take 100 ms and more. Default 0.3. */
  slowShare?: number
  seed?: number
  /** No answer after this long is a failed request. Default 10 s. */
  timeoutMs?: number
  /** Instead of `slowShare`. */
  mix?: Mix
}

export type Mark = { name: string; at: number }

export type Traffic = {
  pid: number
  /** Notes the moment, and gives it back, on the clock of the samples. */
  mark: (name: string) => number
  marks: Mark[]
  /** The last second, a fifth of a second old at most. */
  recent: () => Recent
  /** Waits for what is under way, then gives every request made, oldest first. Again: the same. */
  stop: () => Promise<Sample[]>
}

/** Lets shoppers in, from a process of their own so that counting them does not slow down what is measured. */
export async function startTraffic(options: TrafficOptions): Promise<Traffic> {
  const child = fork(fileURLToPath(new URL('shopper.ts', import.meta.url)), {
    execArgv: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = once(child, 'exit')
  const samples: Sample[] = []
  const marks: Mark[] = []
  let recent = NOTHING_YET
  child.on('message', (message: FromCrowd) => {
    if (message.type === 'recent') recent = message.recent
    if (message.type === 'samples') samples.push(...message.samples)
  })

  tell(child, { type: 'open', orders: completeOrders(options) })
  await hears(child, 'opened', exited)

  let stopped: Promise<Sample[]> | undefined
  const stop = async () => {
    const closed = hears(child, 'closed', exited)
    tell(child, { type: 'close' })
    await closed
    await exited
    return samples.sort((a, b) => a.at - b.at)
  }
  return {
    pid: child.pid ?? 0,
    marks,
    mark: (name) => {
      const at = preciseNow()
      marks.push({ name, at })
      return at
    },
    recent: () => recent,
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

function completeOrders(options: TrafficOptions): Orders {
  return { connections: 40, slowShare: 0.3, seed: 1, timeoutMs: 10_000, ...options }
}

function tell(child: ChildProcess, message: ToCrowd): void {
  // A failure to tell is seen as an exit by whoever waits for the answer.
  child.send(message, () => {})
}

async function hears(
  child: ChildProcess,
  type: FromCrowd['type'],
  exited: Promise<unknown[]>,
): Promise<void> {
  const heard = new Promise<void>((resolve) => {
    child.on('message', (message: FromCrowd) => message.type === type && resolve())
  })
  const died = exited.then(([code, signal]) => {
    throw new Error(`the traffic process ended early (${signal ?? code})`)
  })
  await Promise.race([heard, died])
}
