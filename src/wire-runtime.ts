import type { Configuration } from './domain/configuration.ts'
import type { ServiceState } from './domain/service-state.ts'
import type { Crash } from './executor/crash-points.ts'
import type { Clock } from './ports/clock.ts'
import type { CommandRunner } from './ports/command-runner.ts'
import type { Packager } from './ports/packager.ts'
import type { Runtime } from './ports/runtime.ts'

/** What the part of the composition root that knows a runtime is given ... */
export interface RuntimeParts {
  configuration: Configuration
  home: string
  env: Readonly<Record<string, string | undefined>>
  runner: CommandRunner
  clock: Clock
  crash: Crash
  state: ServiceState
}

/** ... and what it makes. */
export interface WiredRuntime {
  runtime: Runtime
  /** Of rehearsals alone: nothing in it is ever taken for what serves. */
  rehearsalRuntime: Runtime
  packager: Packager
  /** The folder with the agents' sockets. */
  agents: string
  /** What a shell needs before the runtime's own commands are typed by hand. */
  setup(): Promise<string[]>
  /** The journal says more than it did. */
  follow(state: ServiceState): void
}

/** An app that serves since before lastgood came, and has not been replaced yet. */
export function adoptedUnit(state: ServiceState) {
  const release = state.releases.find(({ id }) => id === state.live)
  return release?.adopted && state.adopted !== null ? { release: release.id, ...state.adopted } : null
}
