import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Done, Work } from './load.ts'

export type Loader = { press(work: Work): Promise<Done>; end(): void }

export function openLoader(): Loader {
  const child = fork(fileURLToPath(new URL('load.ts', import.meta.url)), {
    execArgv: ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return {
    async press(work) {
      child.send(work)
      const [done] = await once(child, 'message')
      return done as Done
    },
    end: () => void child.kill(),
  }
}
