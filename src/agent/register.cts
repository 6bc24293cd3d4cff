import type { BootFailureModule } from './boot-failure.cts'
import type { ClusterIndexModule } from './cluster-index.cts'
import type { CountersModule } from './counters.cts'
import type { EnvironmentModule } from './environment.cts'
import type { LifelineModule } from './lifeline.cts'
import type { OwnSocketsModule } from './own-sockets.cts'
import type { ServersModule } from './servers.cts'
import type { SettingsModule } from './settings.cts'
import type { StateModule } from './state.cts'

const { isMainThread } = require('node:worker_threads') as typeof import('node:worker_threads')
const cluster = require('node:cluster') as typeof import('node:cluster').default

/** Names the process that has the agent, so that what it forks (and hands its arguments to) has none. */
const OWNER = 'LASTGOOD_AGENT_PID'

/** A worker of the app's own cluster serves; any other forked child is a helper and must be able to listen. */
const isHelper = () =>
  process.send !== undefined && !cluster.isWorker && process.env[OWNER] === String(process.ppid)

function start(): void {
  const { readSettings }: SettingsModule = require('./settings.cjs')
  const { isUsable }: OwnSocketsModule = require('./own-sockets.cjs')
  const settings = readSettings(process.env)
  if (settings === null) return
  if (settings.pm2Cluster && settings.envKeys !== null) {
    const { removeLeftovers }: EnvironmentModule = require('./environment.cjs')
    removeLeftovers(process.env, settings.envKeys)
  }
  if (!isUsable(settings)) return

  const { watchBoot }: BootFailureModule = require('./boot-failure.cjs')
  const { createAgent }: StateModule = require('./state.cjs')
  const { openControl }: LifelineModule = require('./lifeline.cjs')
  const { countRequests }: CountersModule = require('./counters.cjs')
  const { keepClusterIndex }: ClusterIndexModule = require('./cluster-index.cjs')
  const { captureServers }: ServersModule = require('./servers.cjs')
  const agent = createAgent(settings)
  // In a container it is opened by the first process that listens: npm and healthchecks load this file too.
  const opensLate = settings.container !== null
  if (!opensLate && !openControl(agent)) return
  process.env[OWNER] = String(process.pid)
  watchBoot(agent)
  countRequests(agent)
  keepClusterIndex((server) =>
    [...agent.servers].some((captured) => captured.server === server && captured.failed),
  )
  captureServers(agent, opensLate ? () => openControl(agent) : () => true)
}

const LOADED = Symbol.for('lastgood.agent')

/** Whatever goes wrong here, the app goes on as if this file were not there. */
try {
  if (isMainThread && !Reflect.has(globalThis, LOADED) && !isHelper()) {
    Reflect.set(globalThis, LOADED, true)
    start()
  }
} catch {
  // No agent, then: the service serves, and lastgood sees that nobody answers.
}
