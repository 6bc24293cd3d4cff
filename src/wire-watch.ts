import { createAgentSignals } from './agent-client/agent-signals.ts'
import { listSockets } from './agent-client/run-folder.ts'
import type { Session } from './commands/session.ts'
import type { Configuration } from './domain/configuration.ts'
import type { Environment } from './domain/replace-variables.ts'
import { describeSource } from './domain/signal-source.ts'
import type { Clock } from './ports/clock.ts'
import type { CommandRunner } from './ports/command-runner.ts'
import type { Invariants } from './ports/invariants.ts'
import type { Signals } from './ports/signals.ts'

export interface WatchParts {
  configuration: Pick<Configuration, 'watch' | 'database'>
  runFolder: string
  runner: CommandRunner
  env: Environment
  clock: Clock
}

/** What a watch looks with and listens to. But for the agents, each is loaded when it is first used. */
export function wireWatch(
  parts: WatchParts,
): Pick<Session, 'signals' | 'invariants' | 'advisories' | 'alertInbox'> {
  const { database } = parts.configuration
  return {
    signals: signalsOf(parts),
    invariants: database === null ? null : invariantsOf(database.url),
    advisories: {
      async check(folder, settings) {
        const { createAdvisories } = await import('./advisories/create-advisories.ts')
        return createAdvisories(parts).check(folder, settings)
      },
    },
    alertInbox: {
      open: async (at, take) => (await import('./alert-inbox/http-inbox.ts')).httpInbox.open(at, take),
    },
  }
}

function signalsOf({ configuration, runFolder: folder, clock }: WatchParts): Signals {
  const settings = configuration.watch.signals
  const { from, timeoutMs } = settings
  if (from === 'agent') return createAgentSignals({ folder, timeoutMs, clock })
  const instances = async () =>
    (await listSockets(folder)).map(({ release, pid, private: socketPath }) => ({ release, pid, socketPath }))
  let made: Promise<Signals> | null = null
  const make = async () =>
    from === 'endpoint'
      ? (await import('./signals/endpoint-signals.ts')).createEndpointSignals({ settings, instances, clock })
      : (await import('./signals/prometheus-signals.ts')).createPrometheusSignals({ settings, clock })
  return {
    source: describeSource(settings),
    async read() {
      made ??= make()
      return (await made).read()
    },
  }
}

/** One that was never asked anything has nothing to close. */
function invariantsOf(url: string): Invariants {
  let made: Promise<Invariants> | null = null
  const get = () => {
    made ??= import('./database/invariants/create-invariants.ts').then((module) =>
      module.createInvariants({ url }),
    )
    return made
  }
  return {
    check: async (invariant) => (await get()).check(invariant),
    number: async (sql, timeoutMs) => (await get()).number(sql, timeoutMs),
    close: async () => (await made)?.close(),
  }
}
