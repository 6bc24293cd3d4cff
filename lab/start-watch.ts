import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { LASTGOOD_BIN, type StoreService } from './store-service.ts'

export type WatchProcess = {
  pid: number
  /** What it has said so far. */
  said: () => string
  kill: (signal: NodeJS.Signals) => Promise<void>
}

/** `lastgood watch` over the store, until it is killed or the lab closes. */
export function startWatch(store: StoreService, ...args: string[]): WatchProcess {
  const child: ChildProcess = spawn(process.execPath, [LASTGOOD_BIN, 'watch', ...args], {
    cwd: store.repo,
    env: store.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.pid === undefined) throw new Error('lastgood watch could not be started')
  store.lab.watch(child.pid)
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const gone = once(child, 'exit')
  const kill = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await gone
  }
  store.lab.onClose(() => kill('SIGKILL'))
  return { pid: child.pid, said: () => said, kill }
}
