import type { Configuration } from '../domain/configuration.ts'
import type { Release, ReleaseId } from '../domain/release.ts'

export interface ResolvedCommit {
  commit: string
  ref: string
  subject: string
}

/** Git reference -> built artifact. */
export interface Source {
  /**
   * @throws OperatorError GIT_MISSING, NOT_A_REPOSITORY, UNKNOWN_REF, DIRTY_REPOSITORY, SHALLOW_REPOSITORY, SUBMODULES,
   * NO_LOCKFILE
   */
  resolve(configuration: Configuration, ref: string): Promise<ResolvedCommit>
  /** Whether what was made elsewhere can become a release here, by its name alone. @throws OperatorError PREBUILT_INVALID */
  requirePrebuilt(name: string): void
  /**
   * Clean checkout in a folder of its own, lockfile install, build, seal. Whatever fails leaves no folder behind; the log
   * stays.
   * @throws OperatorError BUILD_FAILED, NO_LOCKFILE, SUBMODULES, DISK_FULL, HOME_READ_ONLY, INTERRUPTED, UNSAFE_LINK,
   * ECOSYSTEM_INVALID, UNKNOWN_APP, ENTRY_MISSING
   */
  build(request: BuildRequest): Promise<BuiltRelease>
}

export interface BuildRequest {
  configuration: Configuration
  configurationText: string
  /** Values no output may show; kept with the release. */
  secrets: string[]
  configPath: string
  release: ReleaseId
  commit: ResolvedCommit
  /** What was made elsewhere already, by a name that `requirePrebuilt` takes; null: what runs is made here. */
  prebuilt: string | null
  signal: AbortSignal
  onLine?: (line: string) => void
}

export interface BuiltRelease {
  release: Release
  buildMs: number
  files: number
  bytes: number
}
