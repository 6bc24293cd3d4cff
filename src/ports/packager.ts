import type { Configuration } from '../domain/configuration.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { LaunchRecord } from './release-store.ts'

/** Makes what a runtime starts out of a clean checkout on which the build commands have run. One for each kind of runtime. */
export interface Packager {
  /** @throws OperatorError PREBUILT_INVALID: it starts nothing of that kind, or the name may mean another thing tomorrow */
  requirePrebuilt(name: string): void
  /**
   * All that is needed to start the release, taken from its own checkout. What it makes outside of the folder belongs to
   * the release, and goes with it (`Runtime.forget`).
   * @throws OperatorError BUILD_FAILED, DISK_FULL, INTERRUPTED, and what its runtime cannot start
   */
  pack(request: PackRequest): Promise<LaunchRecord>
}

export interface PackRequest {
  configuration: Configuration
  secrets: string[]
  release: ReleaseId
  /** The checkout. */
  directory: string
  /** Short, for messages. */
  commit: string
  /** What was made elsewhere already; null: it is built here. */
  prebuilt: string | null
  logFile: string
  signal: AbortSignal
}
