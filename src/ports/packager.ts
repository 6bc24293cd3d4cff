import type { Configuration } from '../domain/configuration.ts'
import type { ReleaseId } from '../domain/release.ts'
import type { LaunchRecord } from './release-store.ts'

/** Makes what a runtime starts out of a clean checkout on which the build commands have run. One for each kind of runtime. */
export interface Packager {
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
  /** Made elsewhere already: `registry/name@sha256:...`; null: it is built here. */
  image: string | null
  logFile: string
  signal: AbortSignal
}
