import { createAdvisories } from './advisories/create-advisories.ts'
import { createAgentSignals } from './agent-client/agent-signals.ts'
import { listSockets } from './agent-client/run-folder.ts'
import { httpInbox } from './alert-inbox/http-inbox.ts'
import { createInvariants } from './database/invariants/create-invariants.ts'
import type { Configuration } from './domain/configuration.ts'
import type { Environment } from './domain/replace-variables.ts'
import type { Clock } from './ports/clock.ts'
import type { CommandRunner } from './ports/command-runner.ts'
import type { Signals } from './ports/signals.ts'
import type { WatchSources } from './ports/watch-sources.ts'
import { createEndpointSignals } from './signals/endpoint-signals.ts'
import { createPrometheusSignals } from './signals/prometheus-signals.ts'

export interface WatchParts {
  configuration: Pick<Configuration, 'watch' | 'database'>
  runFolder: string
  runner: CommandRunner
  env: Environment
  clock: Clock
}

/** The watch's part of the composition root: loaded by the commands that watch. Nothing is opened before it is used. */
export function wireWatch(parts: WatchParts): WatchSources {
  const { database } = parts.configuration
  return {
    signals: signalsOf(parts),
    invariants: database === null ? null : createInvariants({ url: database.url }),
    advisories: createAdvisories(parts),
    alertInbox: httpInbox,
  }
}

function signalsOf({ configuration, runFolder: folder, clock }: WatchParts): Signals {
  const settings = configuration.watch.signals
  switch (settings.from) {
    case 'agent':
      return createAgentSignals({ folder, timeoutMs: settings.timeoutMs, clock })
    case 'endpoint': {
      const instances = async () =>
        (await listSockets(folder)).map(({ release, pid, private: socketPath }) => ({
          release,
          pid,
          socketPath,
        }))
      return createEndpointSignals({ settings, instances, clock })
    }
    case 'prometheus':
      return createPrometheusSignals({ settings, clock })
  }
}
