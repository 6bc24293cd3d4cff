import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Lab } from '../../lab/open-lab.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { Measured } from './client-process.ts'

const PROGRAM = fileURLToPath(new URL('./client-process.ts', import.meta.url))

export type Clients = {
  /** Figures from here on. */
  begin(): void
  /** What lies behind is not part of the switch: from here on its own longest gap is counted. */
  mark(): void
  /** As the app is stopped and started: in between every request is refused. */
  stop(): void
  start(): void
  /** So many more requests have succeeded. */
  flowing(requests: number): Promise<void>
  end(): Promise<Measured>
  /** Also when nobody wants their figures any more. */
  close(): Promise<unknown>
}

export function startClients(lab: Lab, url: string, clients: number): Clients {
  const child = fork(PROGRAM, [], { env: { ...process.env, ...lab.env }, execArgv: ['--import', 'tsx'] })
  if (child.pid !== undefined) lab.watch(child.pid)
  const exited = once(child, 'exit')
  let succeeded = 0
  let total: Measured | null = null
  child.on('message', (message: Measured | { succeeded: number }) => {
    if ('reasons' in message) total = message
    else succeeded = message.succeeded
  })
  child.send({ url, clients })
  return {
    begin() {
      succeeded = 0
      child.send('begin')
    },
    mark: () => void child.send('mark'),
    stop: () => void child.send('stop'),
    start: () => void child.send('start'),
    async flowing(requests) {
      const from = succeeded
      await waitUntil(() => succeeded >= from + requests, {
        what: 'requests that succeed',
        timeoutMs: 120_000,
      })
    },
    async end() {
      child.send('end')
      await exited
      if (total === null) throw new Error('the clients ended without their figures')
      return total
    },
    close() {
      child.kill('SIGKILL')
      return exited
    },
  }
}
