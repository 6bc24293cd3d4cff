import type { GuardModule } from './guard.cts'
import type { Agent } from './state.cts'

const { writeFileSync } = require('node:fs') as typeof import('node:fs')
const { join } = require('node:path') as typeof import('node:path')
const { pathToFileURL } = require('node:url') as typeof import('node:url')
const { inspect } = require('node:util') as typeof import('node:util')
const { guarded }: GuardModule = require('./guard.cjs')

/**
 * Has the app's own file failed, or something beside it that does not stop the app from starting? A module that failed
 * fails again with the same error, without being run again. One that PM2 loaded with require() is not asked: it would
 * run a second time, and its errors end the process anyway.
 */
async function askEntry(agent: Agent, entry: string): Promise<void> {
  try {
    await import(pathToFileURL(entry).href)
  } catch (error) {
    if (agent.state === 'booting') agent.error = error instanceof Error ? error.message : String(error)
  }
}

/**
 * An ES module that throws at its top level does not end a process of PM2: PM2 imports it without looking at the promise,
 * and its own listeners for unhandled rejections write a line and let the process live, which will never listen. So whatever
 * listener there is, it is heard first, and nothing is added: a rejection without any ends the process, as it should.
 */
function watchEntry(agent: Agent): void {
  const { emit } = process
  const onSurvived = guarded(() => {
    // PM2 sets it after the preloads.
    const entry = process.env.pm_exec_path ?? process.argv[1]
    if (agent.error !== null || entry === undefined || entry in require.cache) return
    void askEntry(agent, entry)
  })
  const watching = (event: string | symbol, ...args: unknown[]): boolean => {
    const heard: boolean = Reflect.apply(emit, process, [event, ...args])
    if (agent.state !== 'booting' && process.emit === watching) process.emit = emit
    else if (heard && event === 'unhandledRejection') onSurvived()
    return heard
  }
  process.emit = watching as typeof process.emit
}

/**
 * PM2's cluster mode exits before its log is written, so of an app that throws while it boots nothing would be known. This
 * says what was thrown, not that it was fatal: the app may have a listener of its own. Nothing is changed by looking on.
 */
function keepLastWords(agent: Agent): void {
  const { settings } = agent
  const path = join(settings.run, `${settings.release}.failed`)
  const mode = settings.container === null ? 0o600 : 0o644
  const onException = (error: unknown) => {
    if (agent.state === 'booting') writeFileSync(path, inspect(error), { mode })
  }
  process.on('uncaughtExceptionMonitor', guarded(onException))
}

function watchBoot(agent: Agent): void {
  watchEntry(agent)
  keepLastWords(agent)
}

const bootFailure = { watchBoot }
export type BootFailureModule = typeof bootFailure
module.exports = bootFailure
